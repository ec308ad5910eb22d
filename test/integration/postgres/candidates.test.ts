import { describe, expect, it } from 'vitest';
import { type Ground, threeData, useGround } from './ground.ts';
import { caughtUp, makeLedger, sumsEverywhere } from './rows.ts';

/** Which of two standbys takes over. Nobody writes meanwhile, unless a test does: both have the same then. */
const ground = useGround(threeData);

const setPriority = (node: string, priority: number): Promise<void> =>
  ground.change(new RegExp(`( ${node}: \\{address: [0-9.]+)[^}]*\\}`), `$1, priority: ${priority}}`);

/** The primary loses its power; who leads then? */
async function successorOf(primary: string, standbys: readonly string[], limitMs = 30_000): Promise<string> {
  await ground.lab.powerOff(primary);
  const [asked = ''] = standbys;
  return ground.until(new RegExp(`^(${standbys.join('|')})$`), limitMs, async () => {
    const status = await ground.cluster.status(asked);
    const leads = status?.nodes.find(
      (node) => node.role === 'primary' && node.postgres?.state === 'primary' && node.name !== primary,
    );
    return leads?.name ?? 'nobody';
  });
}

/** A file that neither a clone nor a rewind leaves in the data directory. */
const markOf = (at: Ground): string => `/var/lib/postgresql/${at.lab.release.postgres}/main/own-mark`;

describe('of two standbys with the same data', () => {
  it('one of priority 0 never leads, not even as the first by name', async () => {
    const { primary, standbys } = await ground.cast();
    const [first = '', second = ''] = standbys;
    await setPriority(first, 0);
    const says = await ground.until(/Its priority is 0\./, 20_000, async () => {
      const status = await ground.cluster.status(primary);
      return status?.nodes.find((node) => node.name === first)?.candidacy?.reasons.join(' ') ?? '';
    });
    expect(says).toContain('Its priority is 0: it never leads.');
    expect(await successorOf(primary, standbys)).toBe(second);
    const refused = await ground.hamnctlAt(second, 'switchover', '--to', first, '--yes', '--wait');
    expect(refused.code).not.toBe(0);
    expect(`${refused.stdout}${refused.stderr}`).toContain('Its priority is 0: it never leads.');
  });

  it('the one of the higher priority leads', async () => {
    const { primary, standbys } = await ground.cast();
    const [, second = ''] = standbys;
    await setPriority(second, 200);
    const told = await ground.until(/200/, 20_000, async () => {
      const member = (await ground.cluster.status(primary))?.nodes.find((node) => node.name === second);
      return JSON.stringify(member);
    });
    expect(told).toContain('200');
    expect(await successorOf(primary, standbys)).toBe(second);
  });
});

describe('of two standbys of which one is behind', () => {
  it('the most advanced leads, and the other follows it as it is: neither cloned nor rewound', async () => {
    await ground.change(/mode: \w+/, 'mode: asynchronous');
    await ground.until(/^\[[^,]*\]$/, 30_000, async () =>
      JSON.stringify((await ground.cluster.anyStatus())?.replication?.synchronous),
    );
    const { primary, standbys } = await ground.cast();
    const [behind = '', ahead = ''] = standbys;
    const mark = markOf(ground);
    for (const node of standbys) await ground.sh(node, `touch ${mark}`);
    await ground.sh(behind, 'pkill -STOP -f walreceiver');
    await makeLedger(ground, primary, 5000);
    await caughtUp(ground, primary, [ahead]);
    expect(await successorOf(primary, standbys)).toBe(ahead);
    await ground.sh(behind, 'pkill -CONT -f walreceiver');
    await ground.lab.powerOn(primary);
    await ground.cast(120_000);
    const sums = await sumsEverywhere(ground, 'ledger');
    expect(new Set(sums.values()).size).toBe(1);
    for (const node of standbys) expect((await ground.sh(node, `test -e ${mark}`)).code).toBe(0);
  });
});
