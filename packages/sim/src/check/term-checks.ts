import { type LeaderValue, leaderSchema, parseLsn } from '@hamn/core';
import type { Commit } from '../etcd/key-space.ts';
import type { Machine } from '../machine/machine.ts';
import { maxLagBytes } from '../run/settings.ts';
import type { World } from '../run/world.ts';
import type { Report } from './violation.ts';

/** I3 and I5: when a term may be taken, that tokens only grow, and that acts are covered when they are issued. */
export class TermChecks {
  readonly #world: World;
  readonly #report: Report;
  #lastSignAt = 0;
  #highestArmed = 0;
  readonly #promisedAt = new Map<string, number>();
  /** By nonce: in which boot of which node a term was armed. */
  readonly #armed = new Map<string, { readonly node: string; readonly boot: number }>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.etcd.keys.onCommit((commit) => this.#committed(commit));
    world.registry.onPromise((by) => this.#promisedAt.set(by, world.now));
    world.signals.on((signal) => {
      if (signal.kind === 'armed') this.#isArmed(signal.machine);
      if (signal.kind === 'act') this.#acts(signal.machine, signal.what);
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

  #acts(machine: Machine, what: string): void {
    const { record } = machine.guard.view;
    const entry = this.#world.etcd.group.entries.get('leader');
    const ahead = record !== undefined && machine.parts.clock.now() < record.deadline;
    if (ahead && Number(entry?.mod) === Number(record.token)) return;
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
      this.#lastSignAt = this.#world.now;
  }

  #taken(commit: Commit, before: LeaderValue, after: Extract<LeaderValue, { kind: 'held' }>): void {
    const { now } = this.#world;
    const machine = this.#world.machine(after.holder);
    if (before.kind === 'released' && before.to === after.holder) return;
    const armed = this.#armed.get(before.nonce);
    const own = before.kind === 'held' ? before.holder : before.by;
    if (own === after.holder && armed?.node === after.holder && armed.boot === machine.boots) return;
    const rate = machine.parts.clock.rate;
    const silentMs = (now - this.#lastSignAt) * rate;
    const quietMs = (now - (this.#promisedAt.get(after.holder) ?? Number.NEGATIVE_INFINITY)) * rate;
    if (Math.min(silentMs, quietMs) < before.termMs)
      this.#report(
        'taken-early',
        `${after.holder} took the term ${Math.round(silentMs)} ms after the last sign and ${Math.round(quietMs)} ms after its last promise; T is ${before.termMs}.`,
      );
    if (this.#world.scenario.mode === 'asynchronous') this.#lag(commit, machine);
  }

  /** I2, asynchronous mode: no take by itself beyond the configured lag. */
  #lag(commit: Commit, machine: Machine): void {
    const beat = commit.before.entries.get('heartbeat')?.value;
    const text = beat === undefined ? undefined : /"lsn":"([^"]+)"/.exec(beat)?.[1];
    const at = text === undefined ? undefined : parseLsn(text);
    if (at?.ok !== true) return;
    const lag = Number(at.value) - machine.server.parts.disk.position.lsn;
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
