import { leaderSchema, nodeId, quorumOf, recordedClaim, stateSchema } from '@hamn/core';
import type { Commit } from '../etcd/key-space.ts';
import type { Machine } from '../machine/machine.ts';
import { contains, showPosition } from '../postgres/wal.ts';
import type { World } from '../run/world.ts';
import { acceptsLoss } from './requests.ts';
import type { Report } from './violation.ts';

/** The record as a claim: that it is true of each write when that is acknowledged, and that who takes by it has heard enough others. */
export class QuorumChecks {
  readonly #world: World;
  readonly #report: Report;

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.etcd.keys.onCommit((commit) => this.#committed(commit));
    world.signals.on((signal) => {
      if (signal.kind === 'acknowledged') this.#acknowledged(signal.machine, signal.lsn);
    });
  }

  #acknowledged(machine: Machine, lsn: number): void {
    const { etcd, isRestored } = this.#world;
    const leader = parsed(leaderSchema, etcd.group.entries.get('leader')?.value);
    const state = parsed(stateSchema, etcd.group.entries.get('state')?.value);
    if (isRestored || leader?.kind !== 'held' || leader.holder !== machine.name || state === undefined)
      return;
    // Another term of this node, or one that it has not begun to serve.
    if (machine.guard.view.record?.nonce !== leader.nonce) return;
    const claim = recordedClaim(state, leader.holder);
    const { branch } = machine.server.parts.disk.position;
    const having = claim.members.filter((node) =>
      contains(this.#world.machine(node).server.parts.disk.position, { branch, lsn }),
    );
    if (having.length < claim.count)
      this.#report(
        'claim-broken',
        `${machine.name} acknowledges ${showPosition({ branch, lsn })}, which ${having.join() || 'nobody'} has; the record claims ${claim.count} of ${claim.members.join()}.`,
      );
  }

  /** Of a record of N members that counts k, all but k - 1 must receive nothing more at the take, and have nothing that the taker lacks. */
  #committed(commit: Commit): void {
    const put = commit.txn.ops.find((op) => 'put' in op && op.put === 'leader');
    if (put === undefined || !('put' in put)) return;
    const after = leaderSchema.parse(JSON.parse(put.value));
    const before = parsed(leaderSchema, commit.before.entries.get('leader')?.value);
    const state = parsed(stateSchema, commit.before.entries.get('state')?.value);
    if (after.kind !== 'held' || before === undefined || state === undefined) return;
    if (this.#world.isRestored || acceptsLoss(commit)) return;
    const last = before.kind === 'held' ? before.holder : before.by;
    const claim = recordedClaim(state, nodeId(last));
    if (last === after.holder || quorumOf(claim) === undefined) return;
    const taker = this.#world.machine(after.holder).server.parts.disk.position;
    const isHeard = (name: string): boolean => {
      const { server } = this.#world.machine(name);
      if (name === after.holder) return true;
      const isQuiet = server.parts.disk.upstream === undefined && !server.replication.streaming;
      return isQuiet && contains(taker, server.parts.disk.position);
    };
    const heard = claim.members.filter(isHeard);
    const needed = claim.members.length - claim.count + 1;
    if (heard.length < needed)
      this.#report(
        'unheard-take',
        `${after.holder} took the term of ${last} at ${showPosition(taker)}; each write is on ${claim.count} of ${claim.members.join()}, and only ${heard.join()} can be counted on.`,
      );
  }
}

interface Schema<T> {
  readonly safeParse: (value: unknown) => { readonly data?: T };
}

function parsed<T>(schema: Schema<T>, text: string | undefined): T | undefined {
  return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data;
}
