import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { longestGap } from '../../client/analyse.ts';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { oneData, threeData, twoData, useGround } from './ground.ts';

/** etcd wholly away for longer than T: the promises of the electorate carry the term, so nobody is demoted, however many data nodes there are. */
const awayMs = 8000;

describe.each([
  ['one data node', oneData],
  ['two data nodes and a witness', twoData],
  ['three data nodes', threeData],
] as const)('etcd down with %s', (_, shape) => {
  const ground = useGround(shape);
  const client = useClient(ground);

  it('disturbs nobody: the same server acknowledges under the same term, and all is well afterwards', async () => {
    const { primary } = await ground.cast();
    const from = monotonicMs();
    const before = await ground.term(primary);
    const all = (command: string): Promise<unknown> =>
      Promise.all(ground.nodes.map((node) => ground.sh(node, command, 60_000)));
    await all('systemctl stop etcd.service');
    await writesGoOn(client, 5000);
    await sleep(awayMs);
    await all('systemctl start etcd.service');
    await writesGoOn(client, 5000);
    const done = client.acked(from).map((row) => row.doneMs);
    const gap = longestGap(done, { fromMs: from, toMs: monotonicMs() });
    console.log(
      `etcd down with ${shape.data?.length}: at most ${Math.round(gap?.gapMs ?? 0)} ms without a write`,
    );
    expect(gap?.gapMs).toBeLessThan(2000);
    await nothingLost(ground, client, from);
    expect(await ground.term(primary)).toBe(before);
  });
});
