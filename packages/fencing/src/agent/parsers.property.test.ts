import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetadata, plugParameter, unusableAgent } from './metadata.ts';
import { masked, said } from './said.ts';

/** Texts that look like what an agent writes, broken at any place. */
const xmlish = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<?xml version="1.0" ?>',
        '<resource-agent name="fence_x">',
        '</resource-agent>',
        '<parameters>',
        '<parameter name="plug" required="1">',
        '</parameter>',
        '<actions>',
        '<action name="off"/>',
        '<action name="on" automatic="1"/>',
        '<action/>',
        '<!DOCTYPE a [<!ENTITY b "&b;&b;">]>',
        '&b;',
        '<![CDATA[',
        ']]>',
        '<!--',
        '&',
        '<',
      ),
      fc.string(),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('what comes from an agent', () => {
  it('is never thrown at by the reader of metadata', () => {
    fc.assert(
      fc.property(xmlish, (text) => {
        const read = parseMetadata(text);
        if (read.ok) {
          plugParameter(read.value);
          unusableAgent('fence_x', read.value);
        } else expect(read.error.code).toBe('bad-metadata');
      }),
      { numRuns: 500 },
    );
  });

  it('is told on one short line without a secret', () => {
    const secret = fc.string({ minLength: 3, maxLength: 20, unit: 'grapheme-ascii' });
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(secret, text, text, (word, before, after) => {
        fc.pre(!'***'.includes(word) && !'| '.includes(word));
        const line = said({ stdout: '', stderr: `${before}${word}${after}` }, [word]);
        expect(line.length).toBeLessThanOrEqual(303);
        expect(line).not.toMatch(/[\p{Cc}]/u);
        expect(masked(`${before}${word}${after}`, [word])).not.toContain(word);
      }),
      { numRuns: 500 },
    );
  });

  it('is not shown at all where a secret is so short that it is in any text', () => {
    expect(said({ stdout: 'a1b2', stderr: '' }, ['1'])).toBe('(not shown)');
  });

  it('loses the stamps of fencing.py, and says a thing once', () => {
    const stderr =
      "2026-11-21 14:38:00,126 ERROR: Failed: Timed out\n\n2026-11-21 14:38:00,127 ERROR: Failed: Timed out\n\n2026-11-21 14:38:00,128 ERROR: Please use '-h' for usage\n";
    expect(said({ stdout: '', stderr }, [])).toBe('Failed: Timed out');
  });
});
