import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readClusterSettings } from './cluster-settings.ts';
import type { ConfigResult } from './issues.ts';
import { readNodeFile } from './node-file.ts';
import { good } from './testing/good-cluster.ts';

const nodeFile = `cluster: lab
node: mn1
address: 10.1.0.1
etcd:
  endpoints: [https://10.1.0.1:2379]
`;

/** A good text in which a piece was exchanged for another one. */
const spoiled = fc
  .tuple(fc.constantFrom(good, nodeFile), fc.nat(), fc.nat(40), fc.string())
  .map(([text, at, length, piece]) => {
    const from = at % text.length;
    return text.slice(0, from) + piece + text.slice(from + length);
  });
const repeated = fc
  .tuple(
    fc.constantFrom('[', '{', '{a: ', '- ', '? ', '&a ', '*a ', '!!map ', '"', "'", '\t', '#', 'a: ', '|\n '),
    fc.nat(2000),
  )
  .map(([piece, times]) => `nodes: ${piece.repeat(times)}`);
const indented = fc
  .nat(150)
  .map((depth) => Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:`).join('\n'));
const bomb = fc.integer({ min: 2, max: 12 }).map((levels) => {
  const lines = Array.from(
    { length: levels },
    (_, n) => `a${n}: &a${n} [${n === 0 ? 'x' : Array(9).fill(`*a${n - 1}`)}]`,
  );
  return lines.join('\n');
});
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), spoiled, repeated, indented, bomb);

function judge(text: string, result: ConfigResult<unknown>): void {
  if (result.ok) return;
  expect(result.error.issues.length).toBeGreaterThan(0);
  for (const issue of result.error.issues) {
    expect(issue.line).toBeGreaterThan(0);
    expect(issue.line).toBeLessThanOrEqual(text.split('\n').length + 1);
    expect(issue.column).toBeGreaterThan(0);
  }
  expect(result.error.message).toContain('f:');
}

describe('a configuration text, whatever it holds', () => {
  it('is read, or refused with places', () => {
    fc.assert(
      fc.property(text, (given) => {
        judge(given, readClusterSettings(given, 'f'));
        judge(given, readNodeFile(given, 'f'));
      }),
    );
  });

  it.each([
    ['nested without end', '['.repeat(30_000)],
    ['nested maps without end', '{a: '.repeat(30_000)],
    ['a list in a list in a list', '- '.repeat(30_000)],
    ['longer than any cluster needs', `# ${'x'.repeat(1_500_000)}\n${good}`],
  ])('that is %s is refused in a sentence', (_what, given) => {
    const read = readClusterSettings(given, 'f');
    judge(given, read);
    expect(read.ok).toBe(false);
  });
});
