import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTail } from './tail.ts';

it('keeps the end of any stream, and counts the rest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary-ascii', maxLength: 40 })),
      fc.integer({ min: 1, max: 30 }),
      (parts, most) => {
        const tail = createTail(most);
        for (const part of parts) tail.add(Buffer.from(part, 'latin1'));
        const whole = parts.join('');
        expect(tail.read()).toEqual({
          text: whole.slice(-most),
          droppedBytes: Math.max(0, whole.length - most),
        });
      },
    ),
  );
});
