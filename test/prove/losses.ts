import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../client/log.ts';
import { waitFor } from '../cluster/index.ts';
import { cluster, lab, sh } from '../integration/whole-cluster.ts';
import { etcdNodes, groupKey, killEtcd, startEtcd } from './etcd.ts';
import { type Figures, must, type Stage } from './stage.ts';

/** The default profile's. */
const termMs = 3000;
/** From a fault to a node without PostgreSQL: T - m, the guard's act, and what a busy machine adds. */
const harmlessMs = 4500;
/** From a fault to the other node's first acknowledgement. */
const takeOverMs = 12_000;
/** Nobody serves: looked at for well over T. */
const nobodyMs = 3 * termMs;
/** What a client may notice when nothing is to be noticed. */
const unnoticedMs = 1000;
/** Commits wait for a standby that is gone: two rounds of promises, a write to etcd, and what a busy machine adds. */
const commitPauseMs = 3500;
/** A node that boots, finds etcd and takes its place. */
const backMs = 60_000;

/** One row of the table "When nodes are lost" in docs/safety.md: `lost` is its first column. */
export interface Loss {
  readonly lost: string;
  /** Short enough for every run of the tests. */
  readonly isCheap: boolean;
  readonly prove: (stage: Stage) => Promise<Figures>;
}

const off = (...nodes: readonly string[]): Promise<unknown> =>
  Promise.all(nodes.map((node) => lab.powerOff(node)));

const everyEtcd = (act: (node: string) => Promise<unknown>): Promise<unknown> =>
  Promise.all(etcdNodes.map((node) => act(node)));

interface Recorded {
  readonly electorate: readonly string[];
  readonly synchronous: readonly string[];
}

/** The key `state`, read from etcd itself; undefined while it does not answer. */
async function recorded(asker: string): Promise<Recorded | undefined> {
  const text = await groupKey(asker, 'state').catch(() => '');
  return text.trim() === '' ? undefined : JSON.parse(text);
}

/** Waits until the key `state` is as it should be; seconds. */
async function stateIs(
  asker: string,
  what: string,
  isRight: (state: Recorded) => boolean,
  limitMs: number,
): Promise<number> {
  const began = monotonicMs();
  let last: Recorded | undefined;
  const found = await waitFor(limitMs, 300, async () => {
    last = await recorded(asker);
    return last !== undefined && isRight(last) ? true : undefined;
  });
  must(found === true, `After ${limitMs} ms ${what} is not so: ${JSON.stringify(last)}.`);
  return Math.round((monotonicMs() - began) / 100) / 10;
}

const alone = (primary: string) => (state: Recorded) => state.synchronous.join() === primary;

const without = (node: string) => (state: Recorded) => !state.electorate.includes(node);

/** Ten terms, and some seconds for those who look. */
const dropMs = 10 * termMs + 15_000;

export const losses: readonly Loss[] = [
  {
    lost: 'mn1',
    isCheap: false,
    prove: async (stage) => {
      const { primary, standby } = stage.cast;
      await off(primary);
      const served = await stage.servedBy(standby, takeOverMs);
      return { served_after_ms: served, healthy_after_s: await stage.heal() };
    },
  },
  {
    lost: 'mn2',
    isCheap: false,
    prove: async (stage) => {
      const { primary, standby } = stage.cast;
      await off(standby);
      const degraded = await stateIs(primary, 'degraded', alone(primary), 10_000);
      await stage.servedBy(primary, 5000);
      const pause = await stage.undisturbed(commitPauseMs);
      const dropped = await stateIs(primary, `the electorate without ${standby}`, without(standby), dropMs);
      const healthy = await stage.heal();
      await stateIs(primary, `${standby} an elector again`, (state) => !without(standby)(state), 30_000);
      await stage.undisturbed(commitPauseMs);
      return {
        pause_ms: pause,
        degraded_after_s: degraded,
        dropped_after_s: dropped,
        healthy_after_s: healthy,
      };
    },
  },
  {
    lost: 'wit1',
    isCheap: false,
    prove: async (stage) => {
      await off(stage.cast.witness);
      await sleep(3 * termMs);
      const gap = await stage.undisturbed(unnoticedMs);
      return { gap_ms: gap, healthy_after_s: await stage.heal() };
    },
  },
  {
    lost: 'mn2 and wit1 at the same moment',
    isCheap: true,
    prove: async (stage) => {
      const { primary, standby, witness } = stage.cast;
      const harmless = await stage.harmlessAfter(() => off(standby, witness), harmlessMs);
      await stage.nobodyServes(nobodyMs);
      await lab.powerOn(witness);
      const served = await stage.servedBy(primary, backMs);
      return { harmless_after_ms: harmless, served_after_ms: served, healthy_after_s: await stage.heal() };
    },
  },
  {
    lost: 'mn2, and wit1 more than 10 T later',
    isCheap: false,
    prove: async (stage) => {
      const { primary, standby, witness } = stage.cast;
      await off(standby);
      await stateIs(primary, `the electorate without ${standby}`, without(standby), dropMs);
      await off(witness);
      await sleep(3 * termMs);
      const pause = await stage.undisturbed(commitPauseMs);
      const said = (await cluster.status(primary))?.replication;
      must(said?.degraded === true, `${primary} does not say that it is degraded: ${JSON.stringify(said)}.`);
      return { pause_ms: pause, healthy_after_s: await stage.heal() };
    },
  },
  {
    lost: 'mn1 and wit1',
    isCheap: true,
    prove: async (stage) => {
      const { primary, standby, witness } = stage.cast;
      await off(primary, witness);
      await stage.nobodyServes(nobodyMs);
      await lab.powerOn(witness);
      const served = await stage.servedBy(standby, backMs);
      return { served_after_ms: served, healthy_after_s: await stage.heal() };
    },
  },
  {
    lost: 'mn1 and mn2',
    isCheap: false,
    prove: async (stage) => {
      const { primary, standby } = stage.cast;
      await off(primary, standby);
      await sleep(2 * termMs);
      await lab.powerOn(standby);
      const served = await stage.servedBy(standby, backMs);
      return { served_after_ms: served, healthy_after_s: await stage.heal() };
    },
  },
  {
    lost: 'etcd everywhere, the nodes live',
    isCheap: true,
    prove: async (stage) => {
      const { primary, standby, witness } = stage.cast;
      await everyEtcd(killEtcd);
      await sleep(2 * termMs);
      const gap = await stage.undisturbed(unnoticedMs);
      const harmless = await stage.harmlessAfter(() => off(standby), harmlessMs);
      await stage.nobodyServes(nobodyMs);
      await Promise.all([primary, witness].map(startEtcd));
      const served = await stage.servedBy(primary, backMs);
      return {
        gap_ms: gap,
        harmless_after_ms: harmless,
        served_after_ms: served,
        healthy_after_s: await stage.heal(),
      };
    },
  },
  {
    lost: 'etcd everywhere, the nodes live',
    isCheap: false,
    prove: async (stage) => {
      const { primary, standby, witness } = stage.cast;
      await everyEtcd(killEtcd);
      await off(primary);
      await stage.nobodyServes(nobodyMs);
      await Promise.all([standby, witness].map(startEtcd));
      const served = await stage.servedBy(standby, backMs);
      return { served_after_ms: served, healthy_after_s: await stage.heal() };
    },
  },
  {
    lost: 'etcd everywhere, and hamnd restarted on mn2',
    isCheap: true,
    prove: async (stage) => {
      const { primary, standby } = stage.cast;
      await everyEtcd(killEtcd);
      const restart = (): Promise<unknown> => sh(standby, 'systemctl restart hamnd', 60_000);
      const harmless = await stage.harmlessAfter(restart, harmlessMs);
      await stage.nobodyServes(nobodyMs);
      await everyEtcd(startEtcd);
      const [served, by] = await stage.servedByAny(backMs);
      return {
        harmless_after_ms: harmless,
        served_after_ms: served,
        by: by === primary ? 'mn1' : 'mn2',
        healthy_after_s: await stage.heal(),
      };
    },
  },
  {
    lost: 'all three, and back',
    isCheap: false,
    prove: async (stage) => {
      await off(...etcdNodes);
      await sleep(termMs);
      return { healthy_after_s: await stage.heal() };
    },
  },
];
