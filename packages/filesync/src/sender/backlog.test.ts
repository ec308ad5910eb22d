import { beforeEach, describe, expect, it } from 'vitest';
import { Backlog, mostPaths } from './backlog.ts';

let now = 0;
let backlog: Backlog;
beforeEach(() => {
  now = 0;
  backlog = new Backlog(() => now);
});

describe('a backlog', () => {
  it('gives the paths once, with the age of the oldest until it is done', () => {
    backlog.addPath('/a/1', '/a');
    now = 70;
    backlog.addPath('/a/1', '/a');
    backlog.addPath('/a/2', '/a');
    expect(backlog.take()).toEqual({ kind: 'paths', paths: ['/a/1', '/a/2'] });
    expect([backlog.isEmpty, backlog.size, backlog.ageMs]).toEqual([true, 2, 70]);
    backlog.done();
    expect([backlog.size, backlog.ageMs, backlog.take()]).toEqual([0, 0, undefined]);
  });
  it('compares first, and then sends what waits of other lines', () => {
    backlog.addPath('/b/1', '/b');
    backlog.addLine('/a');
    backlog.addPath('/a/1', '/a');
    expect(backlog.take()).toEqual({ kind: 'compare', lines: new Set(['/a']) });
    backlog.done();
    expect(backlog.take()).toEqual({ kind: 'paths', paths: ['/b/1'] });
  });
  it('makes one comparison of too many paths', () => {
    for (let n = 0; n <= mostPaths; n += 1) backlog.addPath(`/a/${n}`, '/a');
    expect(backlog.take()).toEqual({ kind: 'compare', lines: undefined });
    expect(backlog.isEmpty).toBe(true);
  });
  it('keeps what comes while a comparison runs', () => {
    backlog.addAll();
    backlog.take();
    backlog.addPath('/a/1', '/a');
    backlog.done();
    expect(backlog.take()).toEqual({ kind: 'paths', paths: ['/a/1'] });
  });
  it('compares all after a failure, and knows how long that waits', () => {
    backlog.addPath('/a/1', '/a');
    now = 50;
    backlog.take();
    now = 80;
    backlog.failed();
    expect(backlog.ageMs).toBe(80);
    expect(backlog.take()).toEqual({ kind: 'compare', lines: undefined });
  });
  it('does not count a comparison that only the time asks for', () => {
    backlog.addRoutine();
    now = 500_000;
    expect([backlog.isEmpty, backlog.size, backlog.ageMs]).toEqual([false, 0, 0]);
    expect(backlog.take()).toEqual({ kind: 'compare', lines: undefined });
    now = 600_000;
    expect([backlog.isEmpty, backlog.size, backlog.ageMs]).toEqual([true, 0, 0]);
    backlog.addPath('/a/1', '/a');
    now = 600_050;
    expect([backlog.size, backlog.ageMs]).toEqual([1, 50]);
    backlog.done();
    backlog.addRoutine();
    expect([backlog.take(), backlog.size]).toEqual([{ kind: 'compare', lines: undefined }, 1]);
    backlog.done();
    expect(backlog.take()).toBeUndefined();
  });
});
