import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, frame } from './frames.ts';
import { range, txn } from './kv.ts';
import { leaseGrant, leaseKeepAlive } from './lease.ts';
import { memberList, status } from './maintenance.ts';
import { bytesField, message, readFields, varintField } from './protobuf.ts';
import { watch } from './watch.ts';

/** What may come from whatever answers at an etcd member's address. An Error is what the exchange turns into a failure. */
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const field: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map(([n, value]) => varintField(n, value)),
  fc.tuple(fc.integer({ min: 1, max: 20 }), bytes).map(([n, value]) => bytesField(n, value)),
);
const nested = fc
  .tuple(fc.array(field, { maxLength: 5 }), fc.nat(12), fc.integer({ min: 1, max: 12 }))
  .map(([fields, depth, n]) => {
    let inner = message(...fields);
    for (let level = 0; level < depth; level += 1) inner = bytesField(n, inner);
    return inner;
  });
const spoiled = fc.tuple(nested, fc.nat(), fc.nat(255)).map(([whole, at, value]) => {
  const copy = Buffer.from(whole);
  if (copy.length > 0) copy[at % copy.length] = value;
  return copy;
});
const answer = fc.oneof(bytes, nested, spoiled);
const methods = [txn, range, watch, leaseGrant, leaseKeepAlive, status, memberList];

describe('bytes from an etcd member, whatever they are', () => {
  it('are an answer, or an Error with a sentence', () => {
    fc.assert(
      fc.property(fc.constantFrom(...methods), answer, (method, given) => {
        try {
          method.decode(given);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(String(error)).toMatch(/^Error: .*\.$/);
        }
      }),
    );
  });

  it('hold fields within the message', () => {
    fc.assert(
      fc.property(nested, (given) => {
        const length = readFields(given).reduce(
          (sum, one) => sum + (one.kind === 'bytes' ? one.bytes.length : 1),
          0,
        );
        expect(length).toBeLessThanOrEqual(given.length);
      }),
    );
  });

  it('are the same frames in whatever pieces they come', () => {
    const messages = fc.array(bytes, { maxLength: 5 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(50), { maxLength: 20 }), (given, cuts) => {
        const stream = Buffer.concat(given.map(frame));
        const reader = new FrameReader();
        const read: Buffer[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          read.push(...reader.take(stream.subarray(at, at + cut)));
          at += cut;
        }
        expect(read).toEqual(given);
      }),
    );
  });

  it('that claim to be longer than any answer are refused before they come', () => {
    expect(() => new FrameReader().take(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))).toThrow(
      'The answer claims to be 4294967295 bytes long.',
    );
    fc.assert(
      fc.property(bytes, (given) => {
        try {
          new FrameReader().take(given);
        } catch (error) {
          expect(String(error)).toMatch(/^Error: The answer (is compressed|claims to be)/);
        }
      }),
    );
  });
});
