import { done, fail, instant, ok, type Result, type VipSettings, type VipView } from '@hamn/core';
import { type Permit, termOver, type VipFailure, type VipPort } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';
import type { VipKernel } from './vip-kernel.ts';

export interface SimVipParts {
  readonly kernel: VipKernel;
  readonly process: Process;
  readonly clock: MachineClock;
  readonly random: Random;
  /** The MAC of another machine whose kernel answers for the address on this segment. */
  readonly whoHas: (address: string) => string | undefined;
  readonly linkUp: () => boolean;
  readonly watch: (run: () => void) => void;
  /** An act that only a holder may do. */
  readonly act: (what: string) => void;
  /** The moment between the last look at the term and the act itself, in which no program can look once more. */
  readonly gap: (act: () => void) => void;
}

/** Addresses as hamnd sees and changes them. */
export class SimVip implements VipPort {
  readonly #parts: SimVipParts;
  readonly #announced = new Map<string, number>();

  constructor(parts: SimVipParts) {
    this.#parts = parts;
  }

  observe(vips: readonly VipSettings[]): Promise<Result<readonly VipView[], VipFailure>> {
    const { kernel, linkUp } = this.#parts;
    return this.#later(0.1, 0.6, () =>
      ok(
        vips.map((vip) => {
          const at = this.#announced.get(vip.address);
          const present = kernel.has(vip.address);
          if (!present) this.#announced.delete(vip.address);
          return {
            address: vip.address,
            interface: vip.interface,
            present,
            linkUp: linkUp(),
            duplicate: undefined,
            announcedAt: present && at !== undefined ? instant(at) : undefined,
          };
        }),
      ),
    );
  }

  add(
    vip: VipSettings,
    lifetimeSeconds: number,
    _timeoutMs: number,
    permit: Permit,
  ): Promise<Result<undefined, VipFailure>> {
    const { process, random, kernel, act, gap } = this.#parts;
    return new Promise((resolve) =>
      process.in(random.between(0.2, 3), () => {
        if (!permit()) return resolve(termOver(`${vip.address} was added`));
        act(`adds the VIP ${vip.address}`);
        gap(() => {
          kernel.set(vip.address, lifetimeSeconds * 1000);
          resolve(done);
        });
      }),
    );
  }

  renew(
    vips: readonly VipSettings[],
    lifetimeSeconds: number,
    _timeoutMs: number,
    permit: Permit,
  ): Promise<Result<undefined, VipFailure>> {
    const { kernel } = this.#parts;
    return this.#later(0.1, 0.6, () => {
      if (!permit()) return termOver('the VIPs were renewed');
      for (const vip of vips) if (kernel.has(vip.address)) kernel.set(vip.address, lifetimeSeconds * 1000);
      return done;
    });
  }

  remove(vip: VipSettings): Promise<Result<undefined, VipFailure>> {
    return this.#later(0.2, 3, () => {
      this.#parts.kernel.remove(vip.address, 'hamnd');
      this.#announced.delete(vip.address);
      return done;
    });
  }

  async probe(vip: VipSettings, budgetMs: number): Promise<Result<string | undefined, VipFailure>> {
    const { linkUp, whoHas } = this.#parts;
    return this.#later(budgetMs * 0.3, budgetMs, () =>
      linkUp() ? ok(whoHas(vip.address)) : fail('link-down', `${vip.interface} has no link.`),
    );
  }

  announce(vip: VipSettings): Promise<Result<undefined, VipFailure>> {
    const { kernel, clock } = this.#parts;
    return this.#later(0.1, 0.5, () => {
      kernel.announce(vip.address);
      this.#announced.set(vip.address, clock.now());
      return done;
    });
  }

  watch(onChange: () => void): void {
    this.#parts.watch(onChange);
  }

  #later<T>(low: number, high: number, run: () => T): Promise<T> {
    const { process, random } = this.#parts;
    return new Promise((resolve) => process.in(random.between(low, high), () => resolve(run())));
  }
}
