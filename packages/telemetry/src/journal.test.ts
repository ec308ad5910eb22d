import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Journal } from './journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'hamn-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshFile = (): string => join(folder, `events-${files++}.jsonl`);

const open = (file: string): Journal =>
  new Journal({ node: 'mn1', group: 'mn', level: 'silent', file, wallMs: () => 1000 });
const write = (journal: Journal, message: string): void =>
  journal.write({ event: 'test', level: 'info', message });
const messages = (journal: Journal): readonly string[] => journal.since(0).map((event) => event.message);

describe('the journal after a restart', () => {
  it('still has what was before, and the sequence goes on', () => {
    const file = freshFile();
    const before = open(file);
    write(before, 'one');
    write(before, 'two');
    before.flush();
    const after = open(file);
    write(after, 'three');
    expect(messages(after)).toEqual(['one', 'two', 'three']);
    expect(after.since(2).map(({ sequence, message }) => [sequence, message])).toEqual([[3, 'three']]);
  });

  it('passes over half a line, and writes the next one whole', () => {
    const file = freshFile();
    const before = open(file);
    write(before, 'one');
    before.flush();
    appendFileSync(file, '{"event":"test","level":"in');
    const after = open(file);
    write(after, 'two');
    after.flush();
    expect(messages(open(file))).toEqual(['one', 'two']);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
  });

  it('passes over what is no event', () => {
    const file = freshFile();
    writeFileSync(file, 'null\n{"sequence":"x"}\n\0\0\0\n[]\n');
    expect(messages(open(file))).toEqual([]);
  });

  it('keeps the newest 500 of a long file, also of one that was put aside', () => {
    const file = freshFile();
    const line = (sequence: number): string =>
      `${JSON.stringify({ sequence, atWallMs: 1, node: 'mn1', event: 'test', level: 'info', message: String(sequence) })}\n`;
    writeFileSync(`${file}.1`, Array.from({ length: 600 }, (_, index) => line(index + 1)).join(''));
    writeFileSync(file, line(601));
    const journal = open(file);
    expect(messages(journal)).toHaveLength(500);
    expect(messages(journal).at(-1)).toBe('601');
    expect(journal.since(600)).toHaveLength(1);
  });

  it('gives a file of several earlier runs one rising sequence', () => {
    const file = freshFile();
    const line = (sequence: number, message: string): string =>
      `${JSON.stringify({ sequence, atWallMs: 1, node: 'mn1', event: 'test', level: 'info', message })}\n`;
    writeFileSync(file, line(7, 'old') + line(1, 'newer') + line(2, 'newest'));
    expect(
      open(file)
        .since(7)
        .map((event) => event.message),
    ).toEqual(['newer', 'newest']);
  });
});
