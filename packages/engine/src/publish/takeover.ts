import {
  between,
  type GroupKey,
  type HistoryValue,
  hasOwnRules,
  type Instant,
  isOptional,
  isWell,
  type LeaderValue,
  type NodeId,
  type Observation,
  type ResourcePlan,
  revision,
  type VipSettings,
} from '@hamn/core';
import type { Ports } from '../ports/all.ts';

const writeTries = 10;
const writeAgainMs = 1000;

/** A VIP that is not worth the role may come later, or not at all. */
const isWaitedFor = ({ address }: VipSettings, { settings }: Observation): boolean =>
  !settings.resources.some(
    (one) => one.what.kind === 'vip' && one.what.address === address && isOptional(one),
  );

/** Follows one take-over from its start to "ready" and writes it down with its phases. */
export class TakeoverRecorder {
  readonly #ports: Ports;
  readonly #me: NodeId;
  #current: Recording | undefined;

  constructor(me: NodeId, ports: Ports) {
    this.#me = me;
    this.#ports = ports;
  }

  /** A take was sent. */
  begin(why: string, kind: string, from: NodeId | undefined, lossBytesBound: number | undefined): void {
    const start = this.#ports.clock.now();
    this.#current = {
      start,
      why,
      kind,
      from,
      lossBytesBound,
      phases: [],
      resources: new Map(),
      token: undefined,
    };
  }

  /** Looks at each observation for phases that have ended. */
  look(seen: Observation, plan: ResourcePlan | undefined): void {
    const current = this.#current;
    if (current === undefined) return;
    const { hold: held, phase } = seen.term;
    if (held === undefined) {
      if (phase === 'candidate' || phase === 'ending' || phase === 'reading') this.#current = undefined;
      return;
    }
    current.token ??= held.token;
    this.#mark(current, 'term', true);
    const server = seen.ports.postgres?.known === true ? seen.ports.postgres.value.server : undefined;
    const writable = seen.settings.postgres === undefined || (server?.kind === 'up' && !server.inRecovery);
    const vips = seen.ports.vips.known ? seen.ports.vips.value : [];
    const announced = seen.settings.vips
      .filter((vip) => isWaitedFor(vip, seen))
      .every((vip) =>
        vips.some((view) => view.address === vip.address && view.announcedAt !== undefined && view.present),
      );
    const serving = this.#lookAtResources(current, plan);
    this.#mark(current, 'promoted', writable);
    this.#mark(current, 'vip', announced);
    this.#mark(current, 'services', writable && announced && serving);
    if (current.phases.length === 4) this.#finish(current);
  }

  /** Whether all that the role serves with is well, or has been given up; jobs come later, and nobody waits for them. */
  #lookAtResources(current: Recording, plan: ResourcePlan | undefined): boolean {
    const all = [...(plan?.standings.values() ?? [])].filter(({ node }) => !hasOwnRules(node.settings));
    const now = this.#ports.clock.now();
    for (const one of all) {
      if (one.want === 'stopped' || !isWell(one) || current.resources.has(one.name)) continue;
      current.resources.set(one.name, Math.round(between(current.start, now)));
    }
    return all.every((one) => one.node.traits.once || isWell(one));
  }

  #mark(current: Recording, name: string, reached: boolean): void {
    if (!reached || current.phases.some((phase) => phase.name === name)) return;
    const ms = Math.round(between(current.start, this.#ports.clock.now()));
    current.phases.push({ name, ms });
    this.#ports.journal.write({
      event: `takeover.${name}`,
      level: 'info',
      message: `${phaseText[name] ?? name} after ${ms} ms.`,
      fields: { ms, token: current.token ?? 0 },
    });
  }

  #finish(current: Recording): void {
    this.#current = undefined;
    const token = current.token ?? 0;
    const value: HistoryValue = {
      token,
      node: this.#me,
      from: current.from,
      kind: current.kind,
      why: current.why,
      atWallMs: this.#ports.clock.wallMs(),
      phases: current.phases,
      resources: [...current.resources].map(([name, ms]) => ({ name, ms })),
      lossBytesBound: current.lossBytesBound,
    };
    const key = `history/${String(token).padStart(16, '0')}` as const;
    this.#write(key, JSON.stringify(value), token, writeTries);
  }

  /** Written only under its own term; tried again while the answer is not definite. */
  #write(key: GroupKey, value: string, token: number, tries: number): void {
    const { store, clock } = this.#ports;
    const txn = { compares: [{ key: 'leader', mod: revision(token) } as const], ops: [{ put: key, value }] };
    const again = (): void => {
      if (tries > 1) clock.after(writeAgainMs, () => this.#write(key, value, token, tries - 1));
    };
    store.transact(txn, 1000).then((outcome) => {
      if (outcome.kind === 'unknown') again();
    }, again);
  }
}

interface Recording {
  readonly start: Instant;
  readonly why: string;
  readonly kind: string;
  readonly from: NodeId | undefined;
  readonly lossBytesBound: number | undefined;
  readonly phases: { name: string; ms: number }[];
  readonly resources: Map<string, number>;
  token: number | undefined;
}

const phaseText: Readonly<Record<string, string>> = {
  term: 'The term was held and the guard armed',
  promoted: 'The database was writable',
  vip: 'The VIPs were announced',
  services: 'All resources were well',
};

/** What a take is called in the history, by the leader key that it replaces. */
export function kindOfTake(
  leader: LeaderValue | undefined,
  me: NodeId,
): { readonly kind: 'first' | 'switchover' | 'take-back' | 'failover'; readonly from: NodeId | undefined } {
  const from = leader?.kind === 'held' ? leader.holder : leader?.by;
  const isToMe = leader?.kind === 'released' && leader.to === me;
  if (isToMe) return { kind: from === me ? 'first' : 'switchover', from };
  return { kind: from === me ? 'take-back' : 'failover', from };
}
