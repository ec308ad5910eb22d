import type { Random } from '../base/random.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';

interface Address {
  expiresAt: number;
  announcedAt: number | undefined;
}

/** The addresses that one machine's kernel has. A lifetime ends by itself, up to a second late, also when every process hangs. */
export class VipKernel {
  readonly #kernel: Process;
  readonly #clock: MachineClock;
  readonly #now: () => number;
  readonly #random: Random;
  readonly #note: (text: string) => void;
  readonly #addresses = new Map<string, Address>();

  /** `now` is the world's: when the segment last heard an announcement. */
  constructor(
    kernel: Process,
    clock: MachineClock,
    now: () => number,
    random: Random,
    note: (text: string) => void,
  ) {
    this.#kernel = kernel;
    this.#clock = clock;
    this.#now = now;
    this.#random = random;
    this.#note = note;
  }

  has(address: string): boolean {
    return this.#addresses.has(address);
  }

  get all(): readonly string[] {
    return [...this.#addresses.keys()];
  }

  announcedAt(address: string): number | undefined {
    return this.#addresses.get(address)?.announcedAt;
  }

  announce(address: string): void {
    const found = this.#addresses.get(address);
    if (found !== undefined) found.announcedAt = this.#now();
  }

  /** Adds it, or gives it a new lifetime. */
  set(address: string, lifetimeMs: number): void {
    const expiresAt = this.#clock.now() + lifetimeMs + this.#random.between(20, 1000);
    const found = this.#addresses.get(address);
    if (found !== undefined) {
      found.expiresAt = expiresAt;
      return;
    }
    this.#addresses.set(address, { expiresAt, announcedAt: undefined });
    this.#note(`has the VIP ${address}`);
    this.#expire(address);
  }

  remove(address: string, by: string): void {
    if (this.#addresses.delete(address)) this.#note(`has no VIP ${address} any more (${by})`);
  }

  /** Power-off. */
  clear(): void {
    this.#addresses.clear();
  }

  #expire(address: string): void {
    const left = (this.#addresses.get(address)?.expiresAt ?? 0) - this.#clock.now();
    this.#kernel.in(Math.max(1, this.#clock.toWorld(left)), () => {
      const found = this.#addresses.get(address);
      if (found === undefined) return;
      if (this.#clock.now() >= found.expiresAt) this.remove(address, 'its lifetime has ended');
      else this.#expire(address);
    });
  }
}
