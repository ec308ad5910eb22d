import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, nodesOf } from '../cluster/index.ts';

const limitMs = 30_000;
const lines = '20000';

/** What a person needs to find out why: every node's journal and hamn's own events and status. */
export async function keepJournals(cluster: Cluster, folder: string): Promise<void> {
  const asked: Readonly<Record<string, readonly string[]>> = {
    'journal.txt': ['journalctl', '--no-pager', '-o', 'short-monotonic', '-n', lines],
    'hamn.txt': [
      'journalctl',
      '--no-pager',
      '-o',
      'short-precise',
      '-u',
      'hamnd',
      '-u',
      'hamn-guard',
      '-n',
      lines,
    ],
    'status.txt': ['hamnctl', 'status'],
    'explain.txt': ['hamnctl', 'explain'],
    'processes.txt': ['ps', '-eo', 'pid,ppid,stat,lstart,wchan:30,args'],
  };
  await Promise.all(
    nodesOf(cluster.options).map(async (node) => {
      for (const [file, argv] of Object.entries(asked)) {
        const said = await cluster.lab.exec(node, argv, { timeoutMs: limitMs }).catch(() => undefined);
        if (said !== undefined) writeFileSync(join(folder, `${node}-${file}`), said.stdout + said.stderr);
      }
    }),
  );
}
