import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkParameters } from '../parameters/check-parameters.ts';
import { parseInterval } from './interval.ts';
import { advisedLimitMs } from './metadata.ts';
import { parseMetadata } from './parse-metadata.ts';

const good = `<?xml version="1.0"?><!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="x" version="1.0"><version>1.1</version><longdesc lang="en">Text &amp; text.</longdesc>
<parameters><parameter name="ip" unique="1" required="1"><content type="select" default="a"><option value="a"/></content></parameter></parameters>
<actions><action name="start" timeout="20s"/><action name="stop" timeout="20"/><action name="monitor" depth="10" timeout="1min" role="Promoted"/></actions>
</resource-agent>`;
const spoiled = fc
  .array(fc.tuple(fc.nat(), fc.nat(20), fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 5 })
  .map((cuts) =>
    cuts.reduce((text, [at, length, piece]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + piece + text.slice(from + length);
    }, good),
  );
const pieces = good.split(/(?=<)/);
const shuffled = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));
const bomb = fc.integer({ min: 1, max: 12 }).map((levels) => {
  const entities = Array.from(
    { length: levels },
    (_, n) => `<!ENTITY a${n} "${n === 0 ? 'x' : `&a${n - 1};`.repeat(10)}">`,
  );
  return good
    .replace(/<!DOCTYPE[^>]*>/, `<!DOCTYPE resource-agent [${entities.join('')}]>`)
    .replace('Text', `&a${levels - 1};`);
});
const deep = fc.nat(2000).map((depth) => good.replace('Text', '<a>'.repeat(depth)));

const value = fc.oneof(fc.string(), fc.constantFrom('', '1', 'yes', 'a'));

describe('what an agent says of itself, whatever it is', () => {
  it('is understood, or refused in a sentence', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), spoiled, shuffled, bomb, deep);
    fc.assert(
      fc.property(text, fc.dictionary(fc.string(), value), (given, parameters) => {
        const read = parseMetadata(given);
        if (!read.ok) {
          expect(read.error.message).toMatch(/^Its answer .*\.$/);
          return;
        }
        const metadata = read.value;
        for (const action of ['start', 'stop', 'monitor', 'other']) {
          const limit = advisedLimitMs(metadata, action, { level: 10, role: 'promoted' });
          expect(limit).toBeGreaterThanOrEqual(0);
          expect(limit).toBeLessThanOrEqual(24 * 3_600_000);
        }
        const agent = { name: 'ocf:a:b', provider: 'a', type: 'b', path: '/a/b', metadata };
        for (const { message } of checkParameters(agent, { name: 'r', parameters }))
          expect(message).not.toBe('');
      }),
    );
  });

  it('and its times never leave their bounds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\s?\d+ ?[a-z]{0,4}$/)), (text) => {
        const ms = parseInterval(text);
        expect(ms === undefined || (Number.isInteger(ms) && ms >= 0 && ms <= 24 * 3_600_000)).toBe(true);
      }),
    );
  });
});
