import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal, type KeptEvent } from './journal.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hamn-journal-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const good: KeptEvent = {
  sequence: 3,
  atWallMs: 1,
  node: 'mn1',
  event: 'decision',
  level: 'info',
  message: 'It is found again.',
};
const deep = fc
  .nat(15_000)
  .map(
    (depth) =>
      `{"sequence":1,"atWallMs":1,"node":"n","event":"e","level":"info","message":"m","fields":${'['.repeat(depth)}${']'.repeat(depth)}}`,
  );
const spoiled = fc
  .tuple(fc.constantFrom(...Object.keys(good)), fc.jsonValue())
  .map(([field, value]) => JSON.stringify({ ...good, [field]: value }));
const line = fc.oneof(fc.string(), fc.json(), spoiled, deep, fc.string({ size: 'large', unit: 'binary' }));

describe('a file of events, whatever it holds', () => {
  it('keeps hamnd from nothing, and its good events are there', () => {
    const file = join(directory, 'events.jsonl');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 3 }), (lines) => {
        writeFileSync(file, [...lines, JSON.stringify(good)].join('\n'));
        const journal = new Journal({ node: 'mn1', group: 'mn', level: 'silent', file, wallMs: () => 2 });
        const kept = journal.since(0);
        expect(kept.at(-1)?.message).toBe(good.message);
        for (const event of kept) JSON.stringify(event);
        const order = kept.map(({ sequence }) => sequence);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
    );
  });
});
