import { setTimeout as sleep } from 'node:timers/promises';
import { HarmlessWatch } from '../bench/harmless-watch.ts';
import { longestGap } from '../client/analyse.ts';
import { monotonicMs, type RowRecord } from '../client/log.ts';
import { analyseRun, type Cast, castOf, type Recorder, waitFor } from '../cluster/index.ts';
import { cluster, lab, sh } from '../integration/whole-cluster.ts';
import { etcdNodes } from './etcd.ts';

/** What a proof says when it is done, for a person: names and figures. */
export type Figures = Readonly<Record<string, string | number>>;

/** @throws Error with the sentence, when it is not so. */
export function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}

/**
 * The ground of one proof: who was who when it began, and what the client and the kernel saw since. Nothing here takes the cluster's own word
 * for what it promises; its word is only compared.
 */
export class Stage {
  readonly cast: Cast;
  readonly #recorder: Recorder;
  readonly #began: number;
  readonly #token: number;

  private constructor(recorder: Recorder, cast: Cast, token: number, began: number) {
    this.#recorder = recorder;
    this.cast = cast;
    this.#token = token;
    this.#began = began;
  }

  /** A healthy cluster under load. */
  static async begin(recorder: Recorder): Promise<Stage> {
    const cast = await castOf(cluster, 120_000);
    const began = monotonicMs();
    const isWriting = await recorder.writesSince(began, 25, 30_000);
    must(isWriting, 'The client does not write to a healthy cluster.');
    const token = (await cluster.status(cast.primary))?.term?.token ?? 0;
    return new Stage(recorder, cast, token, began);
  }

  get token(): number {
    return this.#token;
  }

  /** The longest silence between acknowledgements since `fromMs`, up to now. */
  gapMs(fromMs: number = this.#began): number {
    const window = { fromMs, toMs: monotonicMs() };
    const done = this.#recorder.acked(fromMs - 1000).map((row) => row.doneMs);
    return Math.round(longestGap(done, window)?.gapMs ?? window.toMs - fromMs);
  }

  /** No outage, no demotion, no second primary since the beginning: one server acknowledged all along, under one term. */
  async undisturbed(mostGapMs: number): Promise<number> {
    const gap = this.gapMs();
    must(
      gap < mostGapMs,
      `The client had no acknowledgement for ${gap} ms; at most ${mostGapMs} ms are allowed.`,
    );
    const rows = this.acked();
    const servers = [...new Set(rows.map((row) => `${row.node} (started ${row.postmaster})`))];
    must(servers.length === 1, `Not one server acknowledged, but ${servers.join(' and ')}.`);
    const token = (await cluster.status(this.cast.primary))?.term?.token;
    must(token === this.#token, `The term changed: its token was ${this.#token} and is ${token}.`);
    return gap;
  }

  acked(fromMs: number = this.#began): readonly RowRecord[] {
    return this.#recorder.acked(fromMs);
  }

  /** Begins a fault and waits until the primary has no PostgreSQL process any more; milliseconds from the fault's beginning. */
  async harmlessAfter(begin: () => Promise<unknown>, limitMs: number): Promise<number> {
    const watch = await HarmlessWatch.of(cluster, this.cast.primary);
    watch.start();
    const began = monotonicMs();
    try {
      await begin();
      const gone = await waitFor(limitMs, 20, async () => watch.goneAt);
      must(gone !== undefined, `${this.cast.primary} still ran PostgreSQL ${limitMs} ms after the fault.`);
      return Math.round(gone - began);
    } finally {
      watch.stop();
    }
  }

  /** Nobody acknowledges, no server is writable and nobody answers for the VIP, for so long. */
  async nobodyServes(forMs: number): Promise<void> {
    const from = monotonicMs();
    while (monotonicMs() < from + forMs) {
      for (const node of cluster.options.data) {
        if (!(await lab.isOn(node))) continue;
        must(!(await isWritable(node)), `${node} has a writable database although nobody may be primary.`);
      }
      await sleep(200);
    }
    const late = this.acked(from).length;
    must(late === 0, `${late} rows were acknowledged although nobody may be primary.`);
  }

  /** Writes go on, at this node. Milliseconds until the first acknowledgement from now. */
  async servedBy(node: string, limitMs: number): Promise<number> {
    const from = monotonicMs();
    const first = await waitFor(limitMs, 20, async () => this.acked(from).find((row) => row.node === node));
    must(first !== undefined, `${node} acknowledged nothing within ${limitMs} ms.`);
    return Math.round(first.doneMs - from);
  }

  /** Writes go on, at whichever node. */
  async servedByAny(limitMs: number): Promise<readonly [ms: number, node: string]> {
    const from = monotonicMs();
    const first = await waitFor(limitMs, 20, async () => this.acked(from)[0]);
    must(first !== undefined, `Nobody acknowledged anything within ${limitMs} ms.`);
    return [Math.round(first.doneMs - from), first.node];
  }

  /** Everything on and connected again, as an admin would; the rest is hamn's. Seconds until all is well, and nothing lost. */
  async heal(): Promise<number> {
    const began = monotonicMs();
    await endFaults();
    return this.judge(began);
  }

  /** Waits until all is well without help, then counts what was lost or accepted twice: nothing. */
  async judge(sinceMs: number = monotonicMs()): Promise<number> {
    await cluster.healthy(120_000);
    const seconds = Math.round((monotonicMs() - sinceMs) / 100) / 10;
    await sleep(300);
    const window = { fromMs: this.#began, toMs: monotonicMs() };
    const found = await analyseRun(cluster, this.#recorder.records(window), { window });
    must(found.lost.length === 0, `${found.lost.length} acknowledged rows are lost.`);
    const twice = [
      ...found.dualReasons,
      ...found.divergent.map(({ node, id }) => `Only ${node} has row ${id}.`),
    ];
    must(twice.length === 0, twice.join(' '));
    return seconds;
  }
}

/** Every node on, connected, and its etcd running. */
export async function endFaults(): Promise<void> {
  // All at once: a member of etcd counts as started only when there is a quorum, and a boot waits for it.
  await Promise.all(
    etcdNodes.map(async (node) => {
      if (!(await lab.isOn(node))) return lab.powerOn(node);
      await lab.heal(node);
      await sh(node, 'systemctl kill -s CONT etcd.service; systemctl start etcd.service', 60_000);
    }),
  );
}

/** By the server's own word; a server that does not answer is not writable. */
export async function isWritable(node: string): Promise<boolean> {
  const argv = ['runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-c', 'select pg_is_in_recovery()'];
  const asked = await lab.exec(node, argv, { timeoutMs: 2000 }).catch(() => undefined);
  return asked?.stdout.trim() === 'f';
}
