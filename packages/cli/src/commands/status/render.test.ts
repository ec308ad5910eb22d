import { describe, expect, it } from 'vitest';
import { failing, healthy } from '../../testing/samples.ts';
import { renderStatus } from './render.ts';

const plain = { width: 80, color: false };

describe('the status for a person', () => {
  it.each([
    ['healthy', healthy],
    ['failing', failing],
    [
      'released',
      {
        ...healthy,
        primary: undefined,
        term: { kind: 'released', node: 'mn1', to: 'mn2', token: 7, termMs: 3000 },
      } as const,
    ],
    [
      'recovering',
      {
        ...healthy,
        nodes: healthy.nodes.map((node) =>
          node.name === 'mn1'
            ? {
                ...node,
                doing: 'The database is recovering and takes no sessions yet.',
                postgres: { state: 'starting', recovery: '128 MB of 192 MB of WAL are replayed (66 %)' },
              }
            : node,
        ),
      },
    ],
    [
      'nothing',
      {
        ...healthy,
        primary: undefined,
        term: undefined,
        replication: undefined,
        nodes: [],
        vips: [],
        etcd: { reachable: false },
        lastFailover: undefined,
      },
    ],
  ])('%s', async (name, document) => {
    await expect(`${renderStatus(document, plain)}\n`).toMatchFileSnapshot(`testdata/${name}.txt`);
  });

  it('says from which standby another one receives', () => {
    const [first, second] = healthy.nodes;
    if (first === undefined || second === undefined) throw new Error('The sample has no two nodes.');
    const receiving = (upstream: string): string =>
      renderStatus(
        {
          ...healthy,
          nodes: [first, { ...second, postgres: { state: 'standby', streaming: true, upstream } }],
        },
        { ...plain, width: 120 },
      );
    expect(receiving('mn3')).toMatch(/mn2 +standby +streaming from mn3 /);
    expect(receiving('mn1')).toMatch(/mn2 +standby +streaming +- /);
  });

  it('says in mode quorum where each write is', () => {
    const text = (replication: NonNullable<typeof healthy.replication>): string =>
      renderStatus({ ...healthy, replication }, { width: 200, color: false });
    const all = ['mn1', 'mn2', 'mn3'];
    expect(text({ mode: 'quorum', synchronous: all, quorum: 1, degraded: false })).toContain(
      'quorum: mn1 and 1 of mn2 and mn3 have every acknowledged write',
    );
    expect(text({ mode: 'quorum', synchronous: ['mn1', 'mn2'], degraded: true })).toContain(
      'quorum, DEGRADED: mn1 and mn2 both have every acknowledged write',
    );
    expect(text({ mode: 'quorum', synchronous: ['mn1'], degraded: true })).toContain(
      'quorum, DEGRADED: only mn1 has the newest writes',
    );
  });

  it('fits into 80 columns', () => {
    for (const document of [healthy, failing])
      for (const line of renderStatus(document, plain).split('\n'))
        expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says the same with colour', () => {
    const coloured = renderStatus(failing, { width: 80, color: true });
    expect(coloured).toContain('\u001b[31m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken away.
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderStatus(failing, plain));
  });
});
