export interface QueuedEvent {
  readonly at: number;
  sequence: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** A binary heap by instant, then by the order of arrival. */
export class EventHeap {
  readonly #items: QueuedEvent[] = [];
  #next = 1;

  push(event: QueuedEvent): void {
    event.sequence = this.#next++;
    const items = this.#items;
    let index = items.length;
    items.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent];
      if (above === undefined || isBefore(above, event)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = event;
  }

  pop(): QueuedEvent | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const a = items[left];
      if (a === undefined) break;
      const b = items[left + 1];
      const child = b !== undefined && isBefore(b, a) ? left + 1 : left;
      const below = items[child];
      if (below === undefined || isBefore(last, below)) break;
      items[index] = below;
      index = child;
    }
    items[index] = last;
    return top;
  }
}

const isBefore = (a: QueuedEvent, b: QueuedEvent): boolean =>
  a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
