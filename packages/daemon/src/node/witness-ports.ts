import { done, fail, instant, ok } from '@hamn/core';
import type { GuardPort, UnitPort, VipPort } from '@hamn/engine';

/** A witness runs no role, so it has nothing to guard, to address or to start. */

const none = async (): Promise<ReturnType<typeof fail<'silent'>>> =>
  fail('silent', 'A witness has no guard.');

export const witnessGuard: GuardPort = {
  observe: none,
  arm: none,
  extend: none,
  plan: async () => done,
  demote: async (reason) => ok({ reason, at: instant(0), tookMs: 0, verified: true }),
  demoteWithoutGuard: async (_plan, reason) => ({ reason, at: instant(0), tookMs: 0, verified: true }),
  watch: () => undefined,
};

const noLink = async (): Promise<ReturnType<typeof fail<'no-interface'>>> =>
  fail('no-interface', 'A witness takes no VIP.');

export const witnessVip: VipPort = {
  observe: async () => ok([]),
  add: noLink,
  renew: async () => done,
  remove: async () => done,
  probe: noLink,
  announce: noLink,
  watch: () => undefined,
};

const noUnit = async (): Promise<ReturnType<typeof fail<'no-such-unit'>>> =>
  fail('no-such-unit', 'A witness runs no service of the role.');

export const witnessUnits: UnitPort = {
  observe: async () => ok([]),
  start: noUnit,
  stop: async () => done,
  wasOwned: async () => false,
  own: async () => done,
  watch: () => undefined,
};
