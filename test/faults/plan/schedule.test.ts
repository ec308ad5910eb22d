import { describe, expect, test } from 'vitest';
import { faultKinds } from './fault-kinds.ts';
import { roundsOf } from './schedule.ts';

describe('the schedule', () => {
  test('is the same for the same seed, and another one for another', () => {
    expect(roundsOf(7, 200)).toEqual(roundsOf(7, 200));
    expect(roundsOf(8, 200)).not.toEqual(roundsOf(7, 200));
  });

  test('does not depend on how many rounds are asked for', () => {
    expect(roundsOf(7, 200).slice(0, 20)).toEqual(roundsOf(7, 20));
  });

  test('has every kind on every node before any comes a third time', () => {
    const cards = faultKinds.flatMap((kind) => kind.who.map((who) => `${kind.name} ${who}`));
    const dealt = roundsOf(3, cards.length).flatMap((round) =>
      round.faults.map((each) => `${each.name} ${each.who}`),
    );
    expect(new Set(dealt)).toEqual(new Set(cards));
  });

  test('has rounds of one, two and three faults, each within its limits', () => {
    const rounds = roundsOf(11, 300);
    expect(new Set(rounds.map((round) => round.faults.length))).toEqual(new Set([1, 2, 3]));
    for (const fault of rounds.flatMap((round) => round.faults)) {
      const kind = faultKinds.find((each) => each.name === fault.name);
      expect(kind?.who).toContain(fault.who);
      expect(fault.lastsMs).toBeGreaterThanOrEqual(kind?.lastsMs[0] ?? 0);
      expect(fault.atMs + fault.lastsMs).toBeLessThanOrEqual(11_500);
    }
  });

  test('never replaces two members of etcd in one round', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      for (const round of roundsOf(seed, 200))
        expect(round.faults.filter((fault) => fault.name === 'replace etcd-member').length).toBeLessThan(2);
    }
  });
});
