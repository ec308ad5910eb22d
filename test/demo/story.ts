import { analyse, type Span } from '../client/analyse.ts';
import { monotonicMs } from '../client/log.ts';
import { type Cluster, idsOn, type Recorder, waitFor } from '../cluster/index.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import { showTakeover } from './takeover.ts';
import { say, show, step } from './text.ts';

/** The last line of the demonstration. */
export interface Summary {
  readonly acked: number;
  readonly lost: number;
  readonly dual_primary: boolean;
  /** `Readiness` is left out when not everything came up within a minute. */
  readonly failover: {
    readonly write_outage_ms: number;
    readonly vip_outage_ms: number;
  } & Partial<Readiness>;
  readonly switchover: { readonly write_outage_ms: number };
  readonly rejoined: boolean;
}

const steadyRows = 100;

export const isGood = (summary: Summary): boolean =>
  summary.lost === 0 && !summary.dual_primary && summary.rejoined && summary.acked > 0;

/** mn1 dies, mn2 takes over, mn1 comes back, the role goes home. Every figure is the client's own. */
export async function runStory(cluster: Cluster, recorder: Recorder): Promise<Summary> {
  const { lab } = cluster;
  const [first = 'mn1', second = 'mn2'] = cluster.options.data;
  if ((await cluster.primary()) !== first) await switchTo(cluster, first);
  await showStatus(cluster, first);
  step('A client commits one row every 20 ms through the VIP');
  await recorder.start();
  await recorder.writesSince(monotonicMs(), steadyRows, 30_000);
  say(`${recorder.acked(0).length} rows acknowledged so far`);

  step(`${first} loses its power`);
  const failedAt = monotonicMs();
  const failedAtWallMs = Date.now();
  await lab.powerOff(first);
  const resumed = await recorder.writesSince(failedAt + 200, steadyRows, 60_000);
  const failover: Span = { fromMs: failedAt - 100, toMs: monotonicMs() };
  say(resumed ? `${second} took over; writes go on` : 'writes did not resume within a minute');
  const ready = await readinessOf(cluster, second, failedAtWallMs);
  say(
    ready === undefined
      ? 'not all resources were well within a minute'
      : `all resources are well after ${ready.ready_ms} ms; their longest chain of starts takes ${ready.longest_chain_ms} ms`,
  );
  await showTakeover(cluster, second);
  await showStatus(cluster, second);
  await showResources(cluster, second);

  step(`${first} gets its power back`);
  const poweredOnAt = monotonicMs();
  await lab.powerOn(first);
  const rejoined = await waitFor(60_000, 300, async () => {
    const status = await cluster.healthy(1, second).catch(() => undefined);
    return status?.nodes.find((node) => node.name === first)?.role === 'standby' ? status : undefined;
  });
  const rejoinSeconds = ((monotonicMs() - poweredOnAt) / 1000).toFixed(1);
  say(
    rejoined === undefined
      ? `${first} did not come back as a standby within a minute`
      : `${first} is a healthy standby again after ${rejoinSeconds} s, without a human`,
  );
  await showStatus(cluster, second);

  step(`The role goes back: hamnctl switchover --to ${first}`);
  await recorder.writesSince(monotonicMs(), steadyRows, 30_000);
  const switchedAt = monotonicMs();
  await switchTo(cluster, first);
  await recorder.writesSince(monotonicMs(), steadyRows, 30_000);
  const switchover: Span = { fromMs: switchedAt - 100, toMs: monotonicMs() };
  await showTakeover(cluster, first);
  await cluster.healthy(60_000, second).catch((error: unknown) => say(String(error)));
  await showStatus(cluster, first);
  await recorder.stop();
  return judge(cluster, recorder, {
    failover,
    ready,
    switchover,
    rejoined: rejoined !== undefined,
    first,
    second,
  });
}

async function switchTo(cluster: Cluster, to: string): Promise<void> {
  const from = cluster.options.data.find((node) => node !== to) ?? to;
  const asked = await cluster.lab.exec(from, ['hamnctl', 'switchover', '--to', to, '--yes', '--wait'], {
    timeoutMs: 90_000,
  });
  show(asked.stdout + asked.stderr);
}

async function showStatus(cluster: Cluster, node: string): Promise<void> {
  say(`${node}# hamnctl status`);
  const asked = await cluster.lab.exec(node, ['hamnctl', 'status'], { timeoutMs: 15_000 });
  show(asked.stdout + asked.stderr);
}

async function showResources(cluster: Cluster, node: string): Promise<void> {
  say(`${node}# hamnctl resources`);
  const asked = await cluster.lab.exec(node, ['hamnctl', 'resources'], { timeoutMs: 15_000 });
  show(asked.stdout + asked.stderr);
}

interface Told {
  readonly failover: Span;
  readonly ready: Readiness | undefined;
  readonly switchover: Span;
  readonly rejoined: boolean;
  readonly first: string;
  readonly second: string;
}

async function judge(cluster: Cluster, recorder: Recorder, told: Told): Promise<Summary> {
  const finalRows = await idsOn(cluster.lab, told.first);
  const otherRows = await idsOn(cluster.lab, told.second);
  if (finalRows === undefined) throw new Error(`The rows cannot be read from ${told.first}.`);
  const evidence = {
    records: recorder.records(),
    finalRows,
    otherRows: new Map(otherRows === undefined ? [] : [[told.second, otherRows]]),
  };
  const whole = analyse(evidence);
  const ms = (value: number | undefined): number => Math.round(value ?? 0);
  const during = (window: Span) => analyse({ ...evidence, window });
  const summary: Summary = {
    acked: whole.acked,
    lost: whole.lost.length,
    dual_primary: whole.dualPrimary || whole.divergent.length > 0,
    failover: {
      write_outage_ms: ms(during(told.failover).writeOutage?.gapMs),
      vip_outage_ms: ms(during(told.failover).vipOutage?.gapMs),
      ...told.ready,
    },
    switchover: { write_outage_ms: ms(during(told.switchover).writeOutage?.gapMs) },
    rejoined: told.rejoined,
  };
  step('Summary, from the client’s log and the nodes’ databases');
  say(
    `${summary.acked} rows were acknowledged (${whole.unknown} without an answer, ${whole.failed} refused); ${summary.lost} of them are missing.`,
  );
  say(
    `Power-off of the primary: ${summary.failover.write_outage_ms} ms without a write, ${summary.failover.vip_outage_ms} ms without an answer for the VIP.`,
  );
  say(`Switchover: ${summary.switchover.write_outage_ms} ms without a write.`);
  say(
    summary.dual_primary
      ? `Two primaries were seen: ${whole.dualReasons.join(' ')}`
      : 'There was never more than one primary.',
  );
  return summary;
}
