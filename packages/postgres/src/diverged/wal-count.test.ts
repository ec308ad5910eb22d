import { expect, test } from 'vitest';
import { WalCounter } from './wal-count.ts';

const heap = (xid: number, desc: string, rel: string): string =>
  `rmgr: Heap        len (rec/tot):     54/    54, tx:        ${xid}, lsn: 0/0304D5C8, prev 0/0304D590, desc: ${desc}, blkref #0: rel ${rel} blk 0\n`;
const xact = (xid: number, desc: string): string =>
  `rmgr: Transaction len (rec/tot):     34/    34, tx:        ${xid}, lsn: 0/0304D600, prev 0/0304D5C8, desc: ${desc}\n`;

test('rows of committed transactions, with their subtransactions; not those that were undone or are open', () => {
  const counter = new WalCounter();
  const lines = [
    heap(741, 'INSERT off 3 flags 0x08', '1663/5/16388'),
    heap(742, 'INSERT+INIT off 1 flags 0x00', '1663/5/16388'),
    heap(741, 'HOT_UPDATE off 1 xmax 741 flags 0x20 ; new off 4 xmax 0', '1663/5/16388'),
    heap(741, 'INSERT off 9 flags 0x08', '1663/5/1259'),
    xact(741, 'COMMIT 2026-11-28 03:00:00.000000 UTC; subxacts: 742'),
    heap(743, 'DELETE off 2 flags 0x00 KEYS_UPDATED', '1663/5/16388'),
    xact(743, 'ABORT 2026-11-28 03:00:00.000000 UTC'),
    heap(744, 'MULTI_INSERT+INIT 185 tuples flags 0x00', '1663/5/16400').replace('Heap ', 'Heap2'),
    heap(744, 'MULTI_INSERT ntuples: 5, flags: 0x02', '1663/5/16400').replace('Heap ', 'Heap2'),
    xact(744, 'COMMIT 2026-11-28 03:00:00.000000 UTC'),
    heap(745, 'DELETE off 2 flags 0x00', '1663/5/16388'),
    'rmgr: XLOG        len (rec/tot):    114/   114, tx:          0, lsn: 0/0304D6, desc: CHECKPOINT_SHUTDOWN\n',
  ].join('');
  for (let at = 0; at < lines.length; at += 37) counter.hear(lines.slice(at, at + 37));
  expect(counter.count).toEqual({
    commits: 2,
    relations: [
      { relation: '1663/5/16388', inserted: 2, updated: 1, deleted: 0 },
      { relation: '1663/5/16400', inserted: 190, updated: 0, deleted: 0 },
    ],
    isPartial: false,
  });
});
