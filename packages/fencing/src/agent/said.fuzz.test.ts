import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetadata, plugParameter, unusableAgent } from './metadata.ts';
import { masked, said } from './said.ts';

const good =
  '<resource-agent name="fence_x"><parameters><parameter name="plug" required="1"/></parameters><actions><action name="off"/><action name="status"/></actions></resource-agent>';
const spoiled = fc.tuple(fc.nat(), fc.nat(20), fc.string()).map(([at, length, piece]) => {
  const from = at % good.length;
  return good.slice(0, from) + piece + good.slice(from + length);
});
const bomb = fc.integer({ min: 1, max: 12 }).map((levels) => {
  const entities = Array.from(
    { length: levels },
    (_, n) => `<!ENTITY a${n} "${n === 0 ? 'x' : `&a${n - 1};`.repeat(10)}">`,
  );
  return `<!DOCTYPE resource-agent [${entities.join('')}]><resource-agent>&a${levels - 1};</resource-agent>`;
});
const deep = fc.nat(100).map((depth) => `<resource-agent>${'<a>'.repeat(depth)}`);

describe('what a fence agent says, whatever it is', () => {
  it('of itself is understood, or refused in a sentence', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), spoiled, bomb, deep);
    fc.assert(
      fc.property(text, (given) => {
        const read = parseMetadata(given);
        if (read.ok) {
          plugParameter(read.value);
          unusableAgent('fence_x', read.value);
        } else expect(read.error.message).toMatch(/\.$/);
      }),
    );
  });

  it('is told on one short line, without the secrets', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{6,20}$/);
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(secret, { minLength: 1 }), (words, secrets) => {
        const stderr = words.flatMap((word, at) => [word, secrets[at % secrets.length] ?? '']).join(' ');
        const told = said({ stdout: '', stderr }, secrets);
        expect(told.length).toBeLessThanOrEqual(300);
        expect(told).not.toMatch(/[\n\r]/);
        for (const one of secrets) expect(masked(stderr, secrets)).not.toContain(one);
      }),
    );
  });
});
