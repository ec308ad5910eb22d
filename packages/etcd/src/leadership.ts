import { done, type EtcdLeaderView, fail, type NodeId, ok, type Result } from '@hamn/core';
import type { StoreFailure } from '@hamn/engine';
import type { Endpoint, Endpoints } from './endpoints.ts';
import { type MemberAccount, viewLeadership } from './leader-view.ts';
import { storeFailure } from './reads.ts';
import { type Member, memberList, moveLeader, moveLeaderRequest, status } from './wire/maintenance.ts';

const noRequest = Buffer.alloc(0);

export interface LeadershipOptions {
  readonly node: NodeId;
  /** This node's address, as it stands in its member's client URLs. */
  readonly address: string;
  /** Addresses of witnesses: they are to lead etcd rather than others. */
  readonly witnesses: readonly string[];
}

interface Survey {
  readonly members: readonly Member[];
  readonly accounts: readonly (MemberAccount & { readonly endpoint: Endpoint })[];
}

/** Which etcd member leads, by the members' own status, and the hand-over of the leadership. */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #endpoints: Endpoints;

  constructor(options: LeadershipOptions, deps: { readonly endpoints: Endpoints }) {
    this.#options = options;
    this.#endpoints = deps.endpoints;
  }

  async view(limitMs: number): Promise<Result<EtcdLeaderView, StoreFailure>> {
    const survey = await this.#survey(limitMs);
    if (!survey.ok) return survey;
    const view = viewLeadership(survey.value.members, survey.value.accounts, this.#options);
    return view === undefined ? noLeader() : ok(view.view);
  }

  /** Errors: `denied` when the leader is not on this node, `no-such-member` when etcd will not take the member. */
  async move(memberId: string, limitMs: number): Promise<Result<undefined, StoreFailure>> {
    const survey = await this.#survey(limitMs / 3);
    if (!survey.ok) return survey;
    const { members, accounts } = survey.value;
    const leading = viewLeadership(members, accounts, this.#options);
    if (leading === undefined) return noLeader();
    if (!members.some((one) => one.id === memberId)) {
      return fail(
        'no-such-member',
        `etcd has no member ${memberId}; 'etcdctl member list' shows those it has.`,
      );
    }
    const leader = accounts.find((one) => one.status.header.memberId === leading.leader);
    if (leader === undefined || !leading.view.onThisNode) {
      return fail(
        'denied',
        `The etcd leader is not on ${this.#options.node}, so its leadership is not this node's to move.`,
      );
    }
    const request = moveLeaderRequest(memberId);
    const moved = await leader.endpoint.calls.call(moveLeader, request, (limitMs * 2) / 3);
    if (moved.ok) return done;
    return moved.error.code === 'rejected'
      ? fail('no-such-member', moved.error.message)
      : storeFailure(moved);
  }

  /** Asks every member beside one another; those that do not answer are missing. */
  async #survey(limitMs: number): Promise<Result<Survey, StoreFailure>> {
    const answers = await Promise.all(
      this.#endpoints.all.map(async (endpoint) => {
        const [state, members] = await Promise.all([
          endpoint.calls.call(status, noRequest, limitMs),
          endpoint.calls.call(memberList, noRequest, limitMs),
        ]);
        return { endpoint, state, members };
      }),
    );
    const members = answers.find(({ state, members }) => state.ok && members.ok)?.members;
    if (members?.ok !== true) {
      const failed = answers.flatMap(({ state, members }) => [state, members]).find((one) => !one.ok);
      return failed !== undefined && !failed.ok ? storeFailure(failed) : noLeader();
    }
    const accounts = answers.flatMap(({ endpoint, state }) =>
      state.ok ? [{ endpoint, status: state.value }] : [],
    );
    return ok({ members: members.value, accounts });
  }
}

const noLeader = (): { readonly ok: false; readonly error: { code: 'unreachable'; message: string } } =>
  fail('unreachable', 'etcd has no leader now: the members that answer know of none.');
