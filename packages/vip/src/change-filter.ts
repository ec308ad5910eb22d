import type { NetworkEvent } from '@hamn/linux';

/**
 * Tells changes from repetitions: each renewal of a lease is an event of the kernel, and must not wake the engine.
 * `becameUp` is the name of an interface whose wire came back.
 */
export class ChangeFilter {
  readonly #links = new Map<number, string>();
  readonly #connected = new Set<number>();
  readonly #addresses = new Set<string>();

  take(event: NetworkEvent): { readonly changed: boolean; readonly becameUp: string | undefined } {
    switch (event.kind) {
      case 'lost':
        this.#links.clear();
        this.#addresses.clear();
        return { changed: true, becameUp: undefined };
      case 'address': {
        const { ip, prefixLength, interfaceIndex, tentative } = event.address;
        const key = `${interfaceIndex} ${ip.text}/${prefixLength} ${tentative}`;
        if (event.gone) {
          this.#addresses.delete(key);
          return { changed: true, becameUp: undefined };
        }
        const changed = !this.#addresses.has(key);
        this.#addresses.add(key);
        return { changed, becameUp: undefined };
      }
      case 'link':
        return this.#link(event);
    }
  }

  #link(event: NetworkEvent & { readonly kind: 'link' }): {
    readonly changed: boolean;
    readonly becameUp: string | undefined;
  } {
    const { index, name, mac, up, carrier } = event.link;
    const connected = !event.gone && up && carrier;
    const summary = event.gone ? '' : `${name} ${mac} ${up} ${carrier}`;
    const changed = this.#links.get(index) !== summary;
    // An interface that is first heard of while connected has just become so: events tell of changes only.
    const becameUp = connected && !this.#connected.has(index) && changed ? name : undefined;
    this.#links.set(index, summary);
    if (connected) this.#connected.add(index);
    else this.#connected.delete(index);
    return { changed, becameUp };
  }
}
