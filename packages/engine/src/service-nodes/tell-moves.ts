import { type Batch, type MoveRecord, namesText, nodesOf, type ServiceNodeWish } from '@hamn/core';
import type { JournalEvent, JournalPort } from '../ports/journal.ts';

/** What is moved, in sentences for the journal. What stays as it is is told once. */
export class MoveTeller {
  readonly #journal: JournalPort;
  #trouble = '';
  #proposed = '';

  constructor(journal: JournalPort) {
    this.#journal = journal;
  }

  begun(record: MoveRecord): void {
    const { id, kind, from, to, message } = record;
    const what = kind === 'failback' ? 'go back' : 'move';
    this.#write(
      'move-begun',
      'info',
      `${namesText(nodesOf(record))} ${what} from ${from} to ${to}. ${message}`,
      {
        id,
      },
    );
  }

  ended({ id, kind, from, to, left, message }: MoveRecord): void {
    const outcome = left.length === 0 ? 'moved' : 'left';
    const level = left.length === 0 ? 'info' : 'warn';
    const what = kind === 'failback' ? 'failback' : 'move';
    this.#write('move-ended', level, `The ${what} ${id} from ${from} to ${to}: ${message}`, { id, outcome });
  }

  open({ id, from, to }: MoveRecord, why: string): void {
    this.#write(
      'move-open',
      'warn',
      `Nobody knows yet how the move ${id} from ${from} to ${to} ended; the tables will tell. ${why}`,
      { id, outcome: 'open' },
    );
  }

  notBegun(message: string): void {
    this.#write('move-not-begun', 'warn', message);
  }

  wishEnded({ serviceNode }: ServiceNodeWish, message: string): void {
    this.#write('wish-ended', 'info', message, { serviceNode });
  }

  proposed(batches: readonly Batch[]): void {
    const text = batches
      .map(({ from, to, nodes }) => `${namesText(nodes)}: from ${from} to ${to}.`)
      .join(' ');
    const isNew = text !== this.#proposed;
    this.#proposed = text;
    const from = [...new Set(batches.map((batch) => batch.from))];
    if (!isNew || text === '') return;
    const how = from.map((name) => `\`hamnctl sn move ${name}\``).join(', ');
    this.#write('proposed', 'warn', `Proposed, and begun by ${how}: ${text}`);
  }

  trouble(text: string | undefined): void {
    const isNew = text !== undefined && text !== this.#trouble;
    this.#trouble = text ?? '';
    if (isNew) this.#write('trouble', 'error', text);
  }

  broken(error: unknown): void {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#write(
      'broken',
      'error',
      `hamnd looks after service nodes no more until it is restarted (which is harmless); please report this: ${why}`,
    );
  }

  #write(
    event: string,
    level: JournalEvent['level'],
    message: string,
    fields?: JournalEvent['fields'],
  ): void {
    this.#journal.write({ event: `service-node.${event}`, level, message, fields });
  }
}
