import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the gate is told: the role of this node, and the newest term that it knows. */
export interface ReceiverView {
  readonly role: 'standby' | 'primary' | 'unsure';
  readonly token: number;
  readonly holder: string;
}

/** hamnd renews it at each tick; one that hangs for so long gives no permission any more. */
const validMs = 3000;

/** `now`: milliseconds of CLOCK_BOOTTIME. Where nothing is known there is a line that permits nothing. */
export const permitText = (view: ReceiverView | undefined, now: number): string =>
  view === undefined
    ? '0 unsure 0 -\n'
    : `${((now + validMs) / 1000).toFixed(2)} ${view.role} ${view.token} ${view.holder || '-'}\n`;

export function writePermit(folder: string, view: ReceiverView | undefined, now: number): void {
  replaceFile(join(folder, 'permit'), permitText(view, now));
}

/** Whole, so that nobody reads half of it. */
export function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** As `replaceFile`, and on the disk when it returns: after a power cut it is whole, too. */
export function replaceFileDurably(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export const makeFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
};
