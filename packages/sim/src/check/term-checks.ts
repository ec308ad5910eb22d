import {
  fencingKey,
  fencingSchema,
  type LeaderValue,
  leaderSchema,
  nodeId,
  parseLsn,
  type StoreTxn,
  stateSchema,
} from '@hamn/core';
import type { Commit } from '../etcd/key-space.ts';
import type { Machine } from '../machine/machine.ts';
import { type Branch, reachOn, showPosition } from '../postgres/wal.ts';
import { maxLagBytes } from '../run/settings.ts';
import type { World } from '../run/world.ts';
import { acceptsLoss } from './requests.ts';
import { isCovered } from './term-clock.ts';
import type { Report } from './violation.ts';

/** I3 and I5: when a term may be taken, that tokens only grow, and that acts are covered when they are issued. */
export class TermChecks {
  readonly #world: World;
  readonly #report: Report;
  #lastSign: { readonly at: number; readonly nonce: string | undefined } = { at: 0, nonce: undefined };
  #highestArmed = 0;
  readonly #promisedAt = new Map<string, number>();
  /** By token: what was promoted under it. */
  readonly #branches = new Map<number, readonly Branch[]>();
  /** The last take for which an admin had accepted a loss: its data is the group's from then on, recorded or not. */
  #lossAccepted: { readonly token: number; readonly by: string } | undefined;
  /** Where the database of the taker was when its take left: between that and the commit it may be put out of its place. */
  readonly #lsnAtTake = new WeakMap<StoreTxn, number>();
  /** By nonce: in which boot of which node a term was armed. */
  readonly #armed = new Map<string, { readonly node: string; readonly boot: number }>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.etcd.keys.onCommit((commit) => this.#committed(commit));
    world.registry.onPromise((by) => this.#promisedAt.set(by, world.now));
    world.signals.on((signal) => {
      // Revisions, and with them tokens, went back: what served a higher one must be booted first (docs/runbooks/etcd.md).
      if (signal.kind === 'restored') this.#highestArmed = 0;
      if (signal.kind === 'writable') this.#becameWritable(signal.machine);
      if (signal.kind === 'armed') this.#isArmed(signal.machine);
      if (signal.kind === 'act') this.#acts(signal.machine, signal.what);
      if (signal.kind === 'sent')
        this.#lsnAtTake.set(signal.txn, signal.machine.server.parts.disk.position.lsn);
    });
  }

  #isArmed(machine: Machine): void {
    const { record } = machine.guard.view;
    if (record === undefined) return;
    if (record.token <= this.#highestArmed)
      this.#report(
        'token-grows',
        `${machine.name} is armed with token ${record.token} after ${this.#highestArmed}.`,
      );
    this.#highestArmed = Math.max(this.#highestArmed, record.token);
    this.#armed.set(record.nonce, { node: machine.name, boot: machine.boots });
  }

  #becameWritable(machine: Machine): void {
    const { record } = machine.guard.view;
    if (record === undefined || !isCovered(machine)) return;
    const branches = this.#branches.get(record.token) ?? [];
    this.#branches.set(record.token, [...branches, machine.server.parts.disk.position.branch]);
  }

  #acts(machine: Machine, what: string): void {
    // Where time stood still nobody knows that the term is over.
    if (this.#world.now < machine.unawareUntil) return;
    const { record } = machine.guard.view;
    const entry = this.#world.etcd.group.entries.get('leader');
    const ahead = record !== undefined && machine.parts.clock.now() < record.deadline;
    if (ahead && Number(entry?.mod) === Number(record.token)) return;
    // Revisions went back under a holder that has not heard of it yet: until the deadline the others keep their promises.
    if (ahead && this.#world.isRestored && Number(entry?.mod) < Number(record.token)) return;
    const why = ahead
      ? `the leader key is at ${entry?.mod}, its token is ${record.token}`
      : 'its deadline has passed';
    this.#report('act-without-term', `${machine.name} ${what}, but ${why}.`);
  }

  #committed(commit: Commit): void {
    const before = leaderOf(commit, 'before');
    const after = leaderOf(commit, 'after');
    if (after?.kind === 'held' && before !== undefined && after.nonce !== nonceOf(before))
      this.#taken(commit, before, after);
    if (commit.txn.ops.some((op) => 'put' in op && (op.put === 'leader' || op.put === 'heartbeat')))
      this.#lastSign = { at: this.#world.now, nonce: after === undefined ? undefined : nonceOf(after) };
  }

  #taken(commit: Commit, before: LeaderValue, after: Extract<LeaderValue, { kind: 'held' }>): void {
    const { now } = this.#world;
    const machine = this.#world.machine(after.holder);
    this.#data(commit, machine);
    if (acceptsLoss(commit)) this.#lossAccepted = { token: commit.revision, by: after.holder };
    if (before.kind === 'released' && before.to === after.holder) return;
    const armed = this.#armed.get(before.nonce);
    const own = before.kind === 'held' ? before.holder : before.by;
    if (own === after.holder && armed?.node === after.holder && armed.boot === machine.boots) return;
    if (before.kind === 'held' && this.#fenced(commit, before)) return;
    const rate = machine.parts.clock.rate;
    // A restore takes away what it does not have: the signs of a term that nobody else may have heard of (docs/runbooks/etcd.md).
    const isLost = this.#world.isRestored && this.#lastSign.nonce !== nonceOf(before);
    const silentMs = isLost ? Number.POSITIVE_INFINITY : (now - this.#lastSign.at) * rate;
    const quietMs = (now - (this.#promisedAt.get(after.holder) ?? Number.NEGATIVE_INFINITY)) * rate;
    if (Math.min(silentMs, quietMs) < before.termMs)
      this.#report(
        'taken-early',
        `${after.holder} took the term ${Math.round(silentMs)} ms after the last sign and ${Math.round(quietMs)} ms after its last promise; T is ${before.termMs}.`,
      );
    if (this.#world.configuration.hasAlwaysBeen('asynchronous')) this.#lag(commit, machine);
  }

  /** Whether the holder was confirmed to be off, and truly was, since it took this term. */
  #fenced(commit: Commit, before: Extract<LeaderValue, { kind: 'held' }>): boolean {
    const text = commit.before.entries.get(fencingKey(before.holder))?.value;
    const fence = text === undefined ? undefined : fencingSchema.safeParse(JSON.parse(text)).data;
    const token = Number(commit.before.entries.get('leader')?.mod);
    if (fence?.stage !== 'confirmed' || fence.token !== token || fence.leaderNonce !== before.nonce)
      return false;
    const armed = this.#armed.get(before.nonce);
    const { up, boots, name } = this.#world.machine(before.holder);
    if (up && armed?.boot === boots)
      this.#report('fenced-alive', `${name} is confirmed to be off and has run since it took term ${token}.`);
    return true;
  }

  /** Whose data may lead: on the group's newest timeline, and, where writes are promised, in the recorded set. */
  #data(commit: Commit, machine: Machine): void {
    if (this.#world.isRestored || acceptsLoss(commit)) return;
    const text = commit.before.entries.get('state')?.value;
    const state = text === undefined ? undefined : stateSchema.safeParse(JSON.parse(text)).data;
    const last = state?.promotions.at(-1);
    const { position, systemId } = machine.server.parts.disk;
    // Exchanged between the look and the commit: nobody can know. That it is not served is looked at elsewhere.
    if (state?.systemId !== undefined && state.systemId !== systemId) return;
    const branches = last === undefined ? [] : (this.#branches.get(last.token) ?? []);
    const isElsewhere = branches.every((branch) => reachOn(position, branch) === undefined);
    // An admin gave up what the record tells of; who took then goes on with its own, even when its promotion was not recorded.
    const lost = this.#lossAccepted;
    const isAccepted = lost?.by === machine.name && lost.token > (last?.token ?? 0);
    if (branches.length > 0 && isElsewhere && !isAccepted)
      this.#report(
        'stale-timeline',
        `${machine.name} took the term at ${showPosition(position)}, which is not on timeline ${last?.timeline} of term ${last?.token}.`,
      );
    if (
      this.#world.configuration.promisesWrites &&
      state?.synchronous.includes(nodeId(machine.name)) === false
    )
      this.#report(
        'not-in-the-set',
        `${machine.name} took the term; the recorded synchronous set is ${state.synchronous.join()}.`,
      );
  }

  /** I2, asynchronous mode: no take by itself beyond the configured lag. */
  #lag(commit: Commit, machine: Machine): void {
    if (acceptsLoss(commit)) return;
    const beat = commit.before.entries.get('heartbeat')?.value;
    const text = beat === undefined ? undefined : /"lsn":"([^"]+)"/.exec(beat)?.[1];
    const at = text === undefined ? undefined : parseLsn(text);
    if (at?.ok !== true) return;
    const own = this.#lsnAtTake.get(commit.txn) ?? machine.server.parts.disk.position.lsn;
    const lag = Number(at.value) - own;
    if (lag > maxLagBytes)
      this.#report(
        'lag-limit',
        `${machine.name} took the term ${lag} bytes behind the last sign; the limit is ${maxLagBytes}.`,
      );
  }
}

const nonceOf = (leader: LeaderValue): string | undefined =>
  leader.kind === 'held' ? leader.nonce : undefined;

function leaderOf(commit: Commit, when: 'before' | 'after'): LeaderValue | undefined {
  const text = commit[when].entries.get('leader')?.value;
  if (text === undefined) return undefined;
  if (when === 'after' && !commit.txn.ops.some((op) => 'put' in op && op.put === 'leader')) return undefined;
  const parsed = leaderSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
