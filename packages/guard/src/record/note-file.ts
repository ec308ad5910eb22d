import { after, type GuardAct, type GuardNote, type Instant, instant } from '@hamn/core';
import { bootClock } from '@hamn/linux';
import { fieldsOf, listOf, noteOf, textOf } from '../wire/decode.ts';
import { readJson, replaceFile } from './files.ts';

/** Older ones are lost to hamnd when it is away for long; the system's journal has them. */
const most = 50;

/**
 * What the guard did and hamnd has not told yet: `guard-notes.json` in /run, so that neither a restart of the guard nor one of hamnd loses or
 * repeats a word.
 */
export class NoteFile {
  readonly #path: string;
  readonly #bootId: string;
  #notes: readonly GuardNote[];

  constructor(directory: string, bootId: string) {
    this.#path = `${directory}/guard-notes.json`;
    this.#bootId = bootId;
    const found = readJson(this.#path, notesOf);
    this.#notes = found.kind === 'read' && found.value.bootId === bootId ? found.value.notes : [];
  }

  get untold(): readonly GuardNote[] {
    return this.#notes;
  }

  add(event: string, level: GuardNote['level'], message: string, act?: GuardAct): void {
    // No two have the same instant: it is their name.
    const last = this.#notes.at(-1)?.at ?? instant(Number.NEGATIVE_INFINITY);
    const now = bootClock.now();
    const at = now > last ? now : after(last, 0.001);
    this.#keep([...this.#notes, { at, event, level, message, actAt: act?.at }].slice(-most));
  }

  /** hamnd has told everything up to this instant. */
  told(until: Instant): void {
    const left = this.#notes.filter((note) => note.at > until);
    if (left.length < this.#notes.length) this.#keep(left);
  }

  #keep(notes: readonly GuardNote[]): void {
    this.#notes = notes;
    try {
      replaceFile(this.#path, JSON.stringify({ bootId: this.#bootId, notes }));
    } catch {
      // Memory has them; only a restart of the guard would lose or repeat them.
    }
  }
}

function notesOf(
  value: unknown,
): { readonly bootId: string; readonly notes: readonly GuardNote[] } | undefined {
  const fields = fieldsOf(value);
  const bootId = textOf(fields?.['bootId']);
  const notes = listOf(fields?.['notes'], noteOf);
  return bootId === undefined || notes === undefined ? undefined : { bootId, notes };
}
