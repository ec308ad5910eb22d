import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateName } from './certificate-name.ts';
import { parseFields, readAnswer, readAsk, readError, readMember } from './documents.ts';

const fields = fc.record(
  {
    group: fc.jsonValue(),
    round: fc.oneof(fc.string(), fc.jsonValue()),
    token: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
    termMs: fc.oneof(fc.double(), fc.jsonValue()),
    invitation: fc.oneof(fc.boolean(), fc.jsonValue()),
    yes: fc.oneof(fc.boolean(), fc.jsonValue()),
    reason: fc.jsonValue(),
    error: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const deep = fc.nat(60_000).map((depth) => `{"group":${'['.repeat(depth)}${']'.repeat(depth)}}`);
const text = fc.oneof(
  fc.string(),
  fc.json(),
  fields.map((value) => JSON.stringify(value)),
  deep,
);

describe('what another hamnd says, whatever it is', () => {
  it('is a request for a promise, an answer, or nothing', () => {
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseFields(given);
        readError(parsed);
        if (parsed === undefined) return;
        const ask = readAsk(parsed);
        if (ask !== undefined)
          expect([Number.isSafeInteger(ask.token), ask.termMs > 0]).toEqual([true, true]);
        const answer = readAnswer(parsed);
        // Only the literal word is a promise.
        expect(answer?.yes === true).toBe(answer !== undefined && parsed['yes'] === true);
        JSON.stringify(readMember(parsed));
      }),
    );
  });

  it('carries a certificate that names a node, or nobody', () => {
    const certificate = fc.record(
      {
        subject: fc.record({ CN: fc.oneof(fc.string(), fc.array(fc.string())) }),
        subjectaltname: fc.string(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(certificate, (given) => {
        const name = certificateName(given as Parameters<typeof certificateName>[0]);
        expect(name === undefined || name.length > 0).toBe(true);
      }),
    );
  });
});
