import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs, type RowRecord } from '../../client/log.ts';
import { castOf, idsOn, Recorder } from '../../cluster/index.ts';
import { machineOf } from '../../lab/index.ts';
import { HEALTHY_LIMIT_MS, slowWriter } from '../vm-cluster.ts';
import { seeNothingLost, seeTakeover } from './aftermath.ts';
import { demand, type Proof, seconds } from './proof.ts';

/** After the resumption the paused machine's kernel may answer for the VIP until its lifetime ends or the guard has acted. */
const EXCUSED_AFTER_MS = 15_000;

export const pausedMachine: Proof = {
  name: 'paused',
  text: 'a primary paused by qemu for longer than T acknowledges nothing after it goes on, and comes back as a standby',
  run: async (site) => {
    const { lab, cluster, recorder, saw } = site;
    const { primary, standby } = await castOf(cluster, HEALTHY_LIMIT_MS);
    // A client that stays with this node, whatever the VIP does, and waits for its answers: they are what must not come.
    const loyal = new Recorder(lab, {
      intervalMs: 100,
      writer: [
        ...slowWriter,
        '--host',
        machineOf(primary).ipv4,
        '--node',
        primary,
        '--name',
        'loyal',
        '--query-limit-ms',
        '600000',
      ],
      startLimitMs: 120_000,
    });
    try {
      await loyal.start();
      demand(loyal.acked(0).length > 0, `No write was acknowledged at ${primary}'s own address.`);
      await recorder.writesSince(monotonicMs(), 20, 60_000);
      const sinceMs = monotonicMs();
      await lab.pause(primary);
      saw(`${primary} is paused.`);
      await seeTakeover(site, primary, standby, sinceMs);
      await recorder.writesSince(monotonicMs(), 20, 60_000);
      const resumedMs = monotonicMs();
      await lab.resume(primary);
      saw(`${primary} goes on after ${seconds(resumedMs - sinceMs)}; it has not seen that time pass.`);
      await sleep(EXCUSED_AFTER_MS);
      const isLate = (row: RowRecord): boolean => row.sentMs < sinceMs && row.doneMs > resumedMs;
      const late = loyal.acked(0).filter(isLate);
      const rows = loyal.rows().filter((row) => row.doneMs > resumedMs);
      saw(
        `${primary} answered ${rows.length} of the loyal client's writes then: ${summary(rows.map((row) => row.outcome))}.`,
      );
      const still = new Map([[primary, [{ fromMs: sinceMs - 50, toMs: resumedMs + EXCUSED_AFTER_MS }]]]);
      await seeNothingLost(site, {
        sinceMs,
        standbys: [primary],
        still,
        furtherRecords: loyal.rows().filter((row) => !isLate(row)),
      });
      // A commit that both had on disk before the pause may be told after it. Any other would be a loss.
      const kept = (await idsOn(lab, standby)) ?? new Set();
      const broken = late.filter((row) => !kept.has(row.id));
      demand(
        broken.length === 0,
        `${primary} acknowledged ${broken.length} writes after the pause that ${standby} lacks.`,
      );
    } finally {
      await lab.resume(primary);
      await loyal.stop();
      loyal.remove();
    }
  },
};

function summary(outcomes: readonly string[]): string {
  const kinds = [...new Set(outcomes)].map(
    (kind) => `${outcomes.filter((each) => each === kind).length} ${kind}`,
  );
  return kinds.length === 0 ? 'none' : kinds.join(', ');
}
