import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activeState,
  changedState,
  jobIdOf,
  jobRemoved,
  listedUnits,
  startsAtBoot,
  textList,
} from './parse.ts';

/** What a D-Bus message may hold: systemd's own, of any version, or of whatever answers at its socket. */
const anything = fc.anything({ withBigInt: true, withNullPrototype: true, maxDepth: 3 });
const row = fc.tuple(
  fc.string(),
  anything,
  fc.string(),
  fc.constantFrom('active', 'failed', 'refreshing', '?'),
  fc.string(),
  anything,
  anything,
  fc.oneof(fc.nat(), anything),
);

describe("systemd's answers, whatever they hold", () => {
  it('are units, or not understood', () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.array(fc.oneof(row, anything), { maxLength: 4 })), (given) => {
        for (const unit of listedUnits(given) ?? [])
          expect([typeof unit.unit, typeof unit.jobId]).toEqual(['string', 'number']);
        textList(given);
      }),
    );
  });

  it('are signals, or nothing', () => {
    const changed = fc.tuple(
      fc.oneof(fc.constant('org.freedesktop.systemd1.Unit'), anything),
      fc.oneof(fc.record({ ActiveState: anything, SubState: anything }), anything),
    );
    fc.assert(
      fc.property(fc.oneof(changed, fc.array(anything)), (body) => {
        const state = changedState(body);
        expect(state === undefined || typeof state === 'string').toBe(true);
        const removed = jobRemoved(body);
        if (removed !== undefined) jobIdOf(removed.jobPath);
      }),
    );
  });

  it('are states that hamn knows', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(activeState(text)).toMatch(/^(re|de)?(in|de)?activ|failed|reloading/);
        startsAtBoot(text, []);
      }),
    );
  });
});
