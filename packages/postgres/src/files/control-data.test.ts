import { lsn } from '@hamn/core';
import { describe, expect, test } from 'vitest';
import { checkpointRecordEnd, newestTimeline, parseControlData, surelyReached } from './control-data.ts';
import { parseHistory, timelineOfWalFile } from './timeline.ts';

const printed = `pg_control version number:            1300
Database system identifier:           7710445603577451134
Database cluster state:               in archive recovery
pg_control last modified:             Sat Nov 21 02:26:52 2026
Latest checkpoint location:           0/3000060
Latest checkpoint's TimeLineID:       2
Minimum recovery ending location:     0/4000148
Min recovery ending loc's timeline:   3
`;

describe('pg_controldata', () => {
  test('is read', () => {
    const control = parseControlData(printed);
    if (control === undefined) throw new Error('not read');
    expect(control).toMatchObject({
      systemId: '7710445603577451134',
      state: 'in archive recovery',
      checkpointTimeline: 2,
    });
    expect(surelyReached(control)).toBe(0x4000148n);
    expect(newestTimeline(control)).toBe(3);
  });

  test('is refused when a line is missing', () => {
    expect(parseControlData(printed.replace(/^Latest checkpoint location.*$/m, ''))).toBeUndefined();
  });

  test('the end of a shutdown checkpoint counts the page header that it crosses', () => {
    expect(checkpointRecordEnd(lsn(0x3000028n))).toBe(0x300009an);
    expect(checkpointRecordEnd(lsn(0x3001fd0n))).toBe(0x3001fd0n + 114n + 24n);
    expect(checkpointRecordEnd(lsn(0x3ffffd0n))).toBe(0x3ffffd0n + 114n + 40n);
  });
});

describe('timelines', () => {
  test('the parents stand in the history file', () => {
    const text =
      '1\t0/3000148\tno recovery target specified\n\n# by hand\n2\t0/5000000\tno recovery target specified\n';
    expect(parseHistory(text)).toEqual([
      { timeline: 1, switchLsn: 0x3000148n },
      { timeline: 2, switchLsn: 0x5000000n },
    ]);
  });

  test('a WAL file carries its timeline', () => {
    expect(timelineOfWalFile('0000001A000000000000000C')).toBe(26);
    expect(timelineOfWalFile('00000002.history')).toBeUndefined();
  });
});
