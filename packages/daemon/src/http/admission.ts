/** What callers may use of the port together. Each is far beyond what nodes, load balancers and Prometheus need. */
export interface AdmissionLimits {
  /** Connections without a certificate of the cluster at one time, in all and from one address. */
  readonly strangers: number;
  readonly strangersOfOneAddress: number;
  /** New connections a second from addresses that are no node's: a TLS handshake costs this process about a millisecond. */
  readonly newOnesPerSecond: number;
}

export const usualLimits: AdmissionLimits = {
  strangers: 128,
  strangersOfOneAddress: 16,
  newOnesPerSecond: 100,
};

/** What admission needs of a socket. */
export interface Guest {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  destroy(): void;
}

/**
 * Who may stay on the HTTPS port. Whoever has shown a certificate of the cluster stays; of the others the oldest goes when there are too many, so that
 * nobody can keep a node out by holding connections. A flood is turned away before the handshake, unless it comes from a node's own address.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #isNode: (address: string) => boolean;
  readonly #now: () => number;
  /** By address and port, in the order of arrival. */
  readonly #strangers = new Map<string, { readonly address: string; readonly guest: Guest }>();
  #tokens: number;
  #filledAt: number;

  constructor(options: {
    readonly limits: AdmissionLimits;
    readonly isNode: (address: string) => boolean;
    /** Milliseconds of a clock that never goes back. */
    readonly now: () => number;
  }) {
    this.#limits = options.limits;
    this.#isNode = options.isNode;
    this.#now = options.now;
    this.#tokens = options.limits.newOnesPerSecond;
    this.#filledAt = options.now();
  }

  /** False: this one is turned away. Others may be hung up on for it. */
  arrives(guest: Guest): boolean {
    const address = plainAddress(guest);
    if (!this.#isNode(address) && !this.#takeToken()) return false;
    this.#strangers.set(placeOf(guest), { address, guest });
    this.#hangUpOldest(this.#limits.strangersOfOneAddress, (other) => other === address);
    this.#hangUpOldest(this.#limits.strangers, () => true);
    return true;
  }

  /** It showed a certificate of the cluster. */
  isKnown(guest: Guest): void {
    this.#strangers.delete(placeOf(guest));
  }

  leaves(place: string): void {
    this.#strangers.delete(place);
  }

  get strangers(): number {
    return this.#strangers.size;
  }

  #hangUpOldest(most: number, counts: (address: string) => boolean): void {
    const counted = [...this.#strangers].filter(([, { address }]) => counts(address));
    for (const [place, { guest }] of counted.slice(0, Math.max(0, counted.length - most))) {
      this.#strangers.delete(place);
      guest.destroy();
    }
  }

  #takeToken(): boolean {
    const now = this.#now();
    const { newOnesPerSecond } = this.#limits;
    const earned = ((now - this.#filledAt) / 1000) * newOnesPerSecond;
    this.#tokens = Math.min(newOnesPerSecond, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** A socket forgets its peer when it is destroyed: taken while it lives. */
export const placeOf = (guest: Guest): string => `${guest.remoteAddress ?? ''} ${guest.remotePort ?? 0}`;

/** A socket that listens on all addresses shows IPv4 callers as IPv4-mapped (RFC 4291, 2.5.5.2). */
const plainAddress = (guest: Guest): string => (guest.remoteAddress ?? '').replace(/^::ffff:/, '');
