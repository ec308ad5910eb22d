import type { FencingToken, MemberValue, NodeId, Nonce, Result } from '@hamn/core';

/** The holder asks every elector for this, each interval: "do not take the term for T from now". */
export interface PromiseAsk {
  readonly group: string;
  readonly token: FencingToken;
  /** The nonce of the round, not of the term. */
  readonly round: Nonce;
  readonly termMs: number;
  /** True when the holder is about to add the asked node to the electorate. */
  readonly invitation: boolean;
}

export type PromiseAnswer =
  | { readonly yes: true; readonly round: Nonce }
  | { readonly yes: false; readonly round: Nonce; readonly reason: string };

export type PeerFailure = 'unreachable' | 'timeout' | 'refused';

/** Requests between hamnds on kept connections with mutual TLS. */
export interface PeerPort {
  ask(to: NodeId, ask: PromiseAsk, timeoutMs: number): Promise<Result<PromiseAnswer, PeerFailure>>;
  /** What the other node says of itself at this moment. */
  member(of: NodeId, timeoutMs: number): Promise<Result<MemberValue, PeerFailure>>;
  /** `from` is the name in the asker's certificate. Called synchronously. */
  serve(handlers: PeerHandlers): void;
}

export interface PeerHandlers {
  readonly promise: (from: NodeId, ask: PromiseAsk) => PromiseAnswer;
  readonly member: () => MemberValue | undefined;
}
