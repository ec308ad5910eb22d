import {
  contactsOf,
  type FencingSettings,
  fail,
  type GroupSettings,
  type GroupView,
  type HeardNode,
  known,
  type MemberValue,
  type Memory,
  modOf,
  type NodeId,
  type Observation,
  type PortReadings,
  presentValue,
  type Reading,
  type Result,
  type TermView,
  unitsOf,
  unknown,
} from '@hamn/core';
import { withLimit } from '../limit.ts';
import type { Ports } from '../ports/all.ts';
import { GuardTeller } from '../publish/guard-teller.ts';

const etcdLeaderEveryMs = 2000;
const fenceStatusMs = 120_000;

/** What one look gave. */
export type Observed = Pick<Observation, 'ports' | 'contact' | 'heard'>;

/** Asks every port side by side, each under the limit `timings.observeMs`. A port that is slower is `unknown` in this tick and is not asked again before it has answered. */
export class Observer {
  readonly #ports: Ports;
  /** What the guard says of its deeds goes into the journal as it is heard. */
  readonly teller: GuardTeller;
  readonly #pending = new Map<string, number>();
  #etcdLeader: PortReadings['etcdLeader'] = unknown('etcd’s leadership has not been asked for yet.');
  readonly #heard = new Map<NodeId, { readonly reading: Reading<MemberValue>; readonly at: number }>();
  #etcdLeaderAt = Number.NEGATIVE_INFINITY;
  #fenceDevices: PortReadings['fenceDevices'] = unknown('The fencing devices have not been asked yet.');
  #heardBeforeFenceDevices: PortReadings['heardBeforeFenceDevices'];
  #fenceDevicesAt = Number.NEGATIVE_INFINITY;
  #fencingAsked: FencingSettings | undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.teller = new GuardTeller(ports);
  }

  async observe(
    settings: GroupSettings,
    me: NodeId,
    memory: Memory,
    term: Pick<TermView, 'group' | 'hold' | 'seen'>,
  ): Promise<Observed> {
    const { group } = term;
    const holding = term.hold !== undefined;
    const { guard, postgres, vip, units, crontab } = this.#ports;
    const { observeMs, intervalMs } = settings.timings;
    const ask = <T>(what: string, call: () => Promise<Result<T>>): Promise<Reading<T>> =>
      this.#ask(what, observeMs, call);
    const isData = settings.nodes.find((node) => node.name === me)?.role === 'data';
    const names = [
      ...settings.resources.flatMap(({ what }) => (what.kind === 'unit' ? unitsOf(what) : [])),
      ...(settings.postgres === undefined ? [] : [settings.postgres.unit]),
    ];
    const leader = group === undefined ? undefined : presentValue(group.leader);
    const state = group === undefined ? undefined : presentValue(group.state);
    const silentMs = holding ? undefined : term.seen?.silentMs;
    const targets = isData ? contactsOf({ me, memory, leader, state, silentMs, intervalMs }) : [];
    if (holding) this.#askEtcdLeader();
    if (settings.fencing !== undefined) this.#askFenceDevices(settings.fencing, group);
    for (const target of targets) this.#askContact(target, observeMs);
    const [guardView, postgresView, vips, unitViews, crontabView] = await Promise.all([
      isData
        ? ask('hamn-guard', () => guard.observe(observeMs, this.teller.toldUntil))
        : unknown<never>('A witness needs no guard.'),
      isData && postgres !== undefined ? ask('PostgreSQL', () => postgres.observe(observeMs)) : undefined,
      isData ? ask('the kernel', () => vip.observe(settings.vips, observeMs)) : known([]),
      isData ? ask('systemd', () => units.observe(names, observeMs)) : known([]),
      isData && crontab !== undefined ? ask('root’s crontab', () => crontab.observe(observeMs)) : undefined,
    ]);
    if (guardView.known) this.teller.look(guardView.value);
    return {
      ports: {
        guard: guardView,
        postgres: postgresView,
        vips,
        units: unitViews,
        crontab: crontabView,
        etcdLeader: this.#etcdLeader,
        fenceDevices: this.#fenceDevices,
        heardBeforeFenceDevices: this.#heardBeforeFenceDevices,
      },
      ...this.#heardNow(targets, Math.max(1500, 2 * intervalMs)),
    };
  }

  /** Asked beside the tick: a dead holder must not hold up the tick that takes its place. */
  #askContact(target: NodeId, observeMs: number): void {
    const key = `contact ${target}`;
    if (this.#pending.has(key)) return;
    this.#ask(key, observeMs, () => this.#ports.peers.member(target, observeMs)).then(
      (reading) => {
        this.#heard.set(target, { reading, at: this.#ports.clock.now() });
      },
      () => undefined,
    );
  }

  /** Asked at the last tick at the latest; two slow ones may lie between. */
  #heardNow(targets: readonly NodeId[], freshMs: number): Pick<Observed, 'contact' | 'heard'> {
    const now = this.#ports.clock.now();
    const heard = new Map<NodeId, Reading<MemberValue>>();
    for (const target of targets) {
      const last = this.#heard.get(target);
      const isFresh = last !== undefined && now <= last.at + freshMs;
      heard.set(target, isFresh ? last.reading : unknown(`${target} has not answered yet.`));
    }
    for (const node of this.#heard.keys()) if (!heard.has(node)) this.#heard.delete(node);
    const [first] = heard.values();
    return { contact: first ?? unknown('Nobody is asked.'), heard };
  }

  async #ask<T>(what: string, observeMs: number, call: () => Promise<Result<T>>): Promise<Reading<T>> {
    const { clock } = this.#ports;
    const since = this.#pending.get(what);
    if (since !== undefined)
      return unknown(`${what} has not answered for ${Math.round(clock.now() - since)} ms.`);
    this.#pending.set(what, clock.now());
    const asked = async (): Promise<Result<T>> => {
      try {
        return await call();
      } catch (error) {
        return fail('threw', error instanceof Error ? error.message : String(error));
      } finally {
        this.#pending.delete(what);
      }
    };
    const answer = await withLimit(clock, observeMs + 50, what, asked);
    return answer.ok ? known(answer.value) : unknown(answer.error.message);
  }

  /** Asked now and then, beside the tick: it goes over the network and nothing urgent depends on it. */
  #askEtcdLeader(): void {
    const now = this.#ports.clock.now();
    if (now < this.#etcdLeaderAt + etcdLeaderEveryMs) return;
    this.#etcdLeaderAt = now;
    withLimit(this.#ports.clock, 1500, 'etcd', () => this.#ports.store.leader(1000)).then(
      (answer) => {
        this.#etcdLeader = answer.ok ? known(answer.value) : unknown(answer.error.message);
      },
      () => undefined,
    );
  }

  /** A management controller that is dead is found out before the night in which it is needed. */
  #askFenceDevices(fencing: FencingSettings, group: GroupView | undefined): void {
    const now = this.#ports.clock.now();
    const isNew = fencing !== this.#fencingAsked;
    if (!isNew && now < this.#fenceDevicesAt + fencing.checkEveryMs) return;
    this.#fenceDevicesAt = now;
    this.#fencingAsked = fencing;
    const heard = heardNodes(group);
    this.#ports.fencing.status(fencing, fenceStatusMs).then(
      (devices) => {
        this.#fenceDevices = known(devices);
        this.#heardBeforeFenceDevices = heard;
      },
      (error: unknown) => {
        this.#fenceDevices = unknown(error instanceof Error ? error.message : String(error));
      },
    );
  }
}

function heardNodes(group: GroupView | undefined): ReadonlyMap<NodeId, HeardNode> {
  const heard = new Map<NodeId, HeardNode>();
  for (const [node, entry] of group?.members ?? []) {
    const bootId = entry.kind === 'present' ? entry.value.bootId : undefined;
    if (bootId !== undefined) heard.set(node, { bootId, mod: modOf(entry) });
  }
  return heard;
}
