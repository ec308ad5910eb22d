import type { ResourceKind, ResourceKindName, ResourceLook, ResourceSettings, Result } from '@hamn/core';
import type { Deadline, Permit, ResourceCall, ResourceFailure, UnitFailure } from '@hamn/engine';

export type KindOf<Name extends ResourceKindName> = Extract<ResourceKind, { readonly kind: Name }>;

/** One call of the port, as the adapter of a kind gets it. */
export interface KindCall<Kind extends ResourceKind = ResourceKind> {
  readonly settings: ResourceSettings;
  readonly what: Kind;
  readonly role: ResourceCall['role'];
  /** A little sooner than the port's, so that the adapter's own sentence is heard. */
  readonly limit: Deadline;
  /** The resource is needed for another act: end what is under way, at once. */
  readonly signal: AbortSignal;
}

export type KindResult<T = undefined> = Promise<Result<T, ResourceFailure>>;

/**
 * What is done to resources of one kind. The port sees to it that no two calls for one resource run at one time (unless the earlier one cannot be
 * ended), that an exception is a failure, and that a call ends at its limit.
 */
export interface KindAdapter<Kind extends ResourceKind = ResourceKind> {
  look(call: KindCall<Kind>): KindResult<ResourceLook>;
  start(call: KindCall<Kind>, permit: Permit): KindResult;
  stop(call: KindCall<Kind>): KindResult;
  kill(call: KindCall<Kind>): KindResult;
  /** Of promotable kinds only. */
  promote?(call: KindCall<Kind>, permit: Permit): KindResult;
  demote?(call: KindCall<Kind>): KindResult;
  /** Of kinds that mirror data. */
  outdate?(call: KindCall<Kind>): KindResult;
}

/** An adapter that takes any call, of one that knows one kind. */
export function onlyKind<Name extends ResourceKindName>(
  name: Name,
  adapter: KindAdapter<KindOf<Name>>,
): KindAdapter {
  const isOwn = (call: KindCall): call is KindCall<KindOf<Name>> => call.what.kind === name;
  const own = (call: KindCall): KindCall<KindOf<Name>> => {
    if (!isOwn(call)) throw new Error(`the resource is of kind ${call.what.kind}, not ${name}`);
    return call;
  };
  const { promote, demote, outdate } = adapter;
  return {
    look: (call) => adapter.look(own(call)),
    start: (call, permit) => adapter.start(own(call), permit),
    stop: (call) => adapter.stop(own(call)),
    kill: (call) => adapter.kill(own(call)),
    ...(promote === undefined ? {} : { promote: (call, permit) => promote(own(call), permit) }),
    ...(demote === undefined ? {} : { demote: (call) => demote(own(call)) }),
    ...(outdate === undefined ? {} : { outdate: (call) => outdate(own(call)) }),
  };
}

/** systemd's failure as the port's. */
export function ofUnit<T>(result: Result<T, UnitFailure>): Result<T, ResourceFailure> {
  if (result.ok) return result;
  const { code, message } = result.error;
  return { ok: false, error: { code: code === 'no-such-unit' ? 'unusable' : code, message } };
}
