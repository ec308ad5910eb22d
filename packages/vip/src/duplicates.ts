import { after, type Instant, instant } from '@hamn/core';

/** A claim that was only overheard is forgotten when it is not repeated. */
const overheardMs = 30_000;

/** Which other host has a VIP: the last probe's answer, and claims overheard since. */
export class Duplicates {
  readonly #known = new Map<string, { readonly mac: string; readonly until: Instant }>();

  probed(name: string, mac: string | undefined): void {
    if (mac === undefined) this.#known.delete(name);
    else this.#known.set(name, { mac, until: instant(Number.POSITIVE_INFINITY) });
  }

  heard(name: string, mac: string, now: Instant): void {
    this.#known.set(name, { mac, until: after(now, overheardMs) });
  }

  of(name: string, now: Instant): string | undefined {
    const known = this.#known.get(name);
    return known !== undefined && now < known.until ? known.mac : undefined;
  }
}
