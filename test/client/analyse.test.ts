import { describe, expect, test } from 'vitest';
import { analyse, duplicateAnswers, type Evidence, longestGap, overlappingPostmasters } from './analyse.ts';
import type { AnswerRecord, Outcome, RowRecord } from './log.ts';

const row = (
  id: number,
  atMs: number,
  node = 'mn1',
  outcome: Outcome = 'acked',
  postmaster = `${node}-1`,
): RowRecord => ({
  event: 'row',
  writer: 'w',
  id,
  outcome,
  sentMs: atMs,
  doneMs: atMs + 5,
  wallMs: 0,
  node,
  postmaster,
  because: undefined,
});

const answer = (node: string, atMs: number, kind: AnswerRecord['kind'] = 'reply'): AnswerRecord => ({
  event: 'answer',
  kind,
  address: '10.99.0.10',
  mac: `mac-of-${node}`,
  node,
  atMs,
  wallMs: 0,
});

/** mn1 writes and answers until 200 ms, mn2 from 3200 ms on. */
const failover: Evidence = {
  records: [
    ...[0, 20, 40, 60, 80, 100, 120, 140, 160, 180].map((atMs, index) => row(index + 1, atMs)),
    row(11, 200, 'mn1', 'unknown'),
    ...[3200, 3220, 3240].map((atMs, index) => row(index + 12, atMs, 'mn2')),
    ...[0, 20, 180, 200].map((atMs) => answer('mn1', atMs)),
    answer('mn2', 3090, 'announcement'),
    ...[3100, 3120, 3240].map((atMs) => answer('mn2', atMs)),
  ],
  finalRows: new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14]),
};

describe('a clean failover', () => {
  const seen = analyse(failover);

  test('counts the outcomes, and who acknowledged', () => {
    expect(seen).toMatchObject({ acked: 13, unknown: 1, failed: 0, ackedByNode: { mn1: 10, mn2: 3 } });
  });

  test('an unknown row that is missing is not lost', () => {
    expect(seen.lost).toEqual([]);
  });

  test('measures the outages from answer to answer, not by announcements', () => {
    expect(seen.writeOutage).toEqual({ fromMs: 185, toMs: 3205, gapMs: 3020, ended: true });
    expect(seen.vipOutage).toEqual({ fromMs: 200, toMs: 3100, gapMs: 2900, ended: true });
  });

  test('sees one primary at a time', () => {
    expect(seen.dualReasons).toEqual([]);
    expect(seen.dualPrimary).toBe(false);
  });
});

describe('planted anomalies', () => {
  test('an acknowledged row that the final primary lacks is lost', () => {
    const finalRows = new Set([...failover.finalRows].filter((id) => id !== 7));
    expect(analyse({ ...failover, finalRows }).lost).toEqual([7]);
  });

  test('a row only on the old primary is divergent', () => {
    const otherRows = new Map([['mn1', new Set([1, 2, 11, 99])]]);
    expect(analyse({ ...failover, otherRows }).divergent).toEqual([
      { node: 'mn1', id: 11 },
      { node: 'mn1', id: 99 },
    ]);
  });

  test('the old postmaster acknowledging again after the new one did is a dual primary', () => {
    const seen = analyse({ ...failover, records: [...failover.records, row(15, 3210, 'mn1')] });
    expect(seen.dualPrimary).toBe(true);
    expect(seen.dualReasons).toEqual(['mn1 and mn2 both acknowledged writes between 3200 and 3215 ms.']);
  });

  test('two writers acknowledged by two nodes at once are a dual primary', () => {
    expect(
      overlappingPostmasters([row(1, 0), row(1000, 10, 'mn2'), row(2, 20), row(1001, 30, 'mn2')]),
    ).toHaveLength(1);
  });

  test('one id acknowledged by two nodes is a dual primary', () => {
    const seen = analyse({ ...failover, records: [...failover.records, row(3, 3300, 'mn2')] });
    expect(seen.dualReasons).toEqual(['Row 3 was acknowledged by mn1 and by mn2.']);
  });

  test('two running machines that answer for the VIP in turn are a dual primary', () => {
    const records = [...failover.records, answer('mn1', 3110), answer('mn1', 3130)];
    expect(analyse({ ...failover, records }).dualReasons).toEqual([
      'mn1 and mn2 both answered for 10.99.0.10, first at 3120 ms.',
    ]);
  });

  test("one stray answer in the middle of the other machine's is enough", () => {
    const answers = [answer('mn2', 0), answer('mn2', 20), answer('mn1', 25), answer('mn2', 40)];
    expect(duplicateAnswers(answers, new Map())).toHaveLength(1);
  });

  test('an outage that has not ended at the end of the window is seen whole, and said to be open', () => {
    const records = [...failover.records, { event: 'probed' as const, address: 'x', atMs: 9000, wallMs: 0 }];
    expect(analyse({ ...failover, records }).writeOutage).toEqual({
      fromMs: 3245,
      toMs: 9000,
      gapMs: 5755,
      ended: false,
    });
  });
});

describe('what is no anomaly', () => {
  test('coming back to a node whose PostgreSQL was restarted meanwhile', () => {
    const rows = [row(1, 0), row(2, 100, 'mn2'), row(3, 200, 'mn1', 'acked', 'mn1-2')];
    expect(overlappingPostmasters(rows)).toEqual([]);
  });

  test('a hand-over of the VIP within milliseconds, to and fro', () => {
    const answers = [
      answer('mn1', 0),
      answer('mn1', 20),
      answer('mn2', 40),
      answer('mn2', 9000),
      answer('mn1', 9020),
    ];
    expect(duplicateAnswers(answers, new Map())).toEqual([]);
  });

  test("what a frozen machine's kernel answers", () => {
    const answers = [answer('mn1', 0), answer('mn2', 10), answer('mn1', 20), answer('mn2', 30)];
    expect(duplicateAnswers(answers, new Map([['mn1', [{ fromMs: 0, toMs: 25 }]]]))).toEqual([]);
    expect(duplicateAnswers(answers, new Map([['mn1', [{ fromMs: 0, toMs: 0 }]]]))).toHaveLength(1);
  });
});

describe('the longest gap', () => {
  test('counts a gap that begins before the window or ends after it', () => {
    expect(longestGap([0, 500, 520, 540], { fromMs: 400, toMs: 540 })?.gapMs).toBe(500);
    expect(longestGap([0, 20, 40, 900], { fromMs: 0, toMs: 100 })).toEqual({
      fromMs: 40,
      toMs: 900,
      gapMs: 860,
      ended: true,
    });
  });

  test('leaves out what lies outside the window', () => {
    expect(longestGap([0, 5000, 5020, 5040], { fromMs: 5000, toMs: 5040 })?.gapMs).toBe(20);
  });

  test('is undefined when nothing was ever heard', () => {
    expect(longestGap([], { fromMs: 0, toMs: 100 })).toBeUndefined();
  });
});
