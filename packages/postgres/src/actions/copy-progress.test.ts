import { instant, nodeId } from '@hamn/core';
import { expect, test } from 'vitest';
import { CopyProgress, parseProgress, withoutProgress } from './copy-progress.ts';

const makeProgress = () => {
  let now = 1000;
  const progress = new CopyProgress({ now: () => instant(now) });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { progress, pass };
};

test('what PostgreSQL’s programs say is understood, and nothing else', () => {
  expect(parseProgress('  1024/ 2048 kB')).toBeUndefined();
  expect(parseProgress('waiting for checkpoint')).toBeUndefined();
  expect(parseProgress(' 3072/23456 kB (13%), 0/1 tablespace')).toEqual({
    bytes: 3072 * 1024,
    total: 23456 * 1024,
  });
  expect(parseProgress('  512/ 512 kB (100%) copied')).toBeUndefined();
  expect(parseProgress('512/512 kB (100%) copied')).toEqual({ bytes: 524_288, total: 524_288 });
  expect(withoutProgress('1/2 kB (50%), 0/1 tablespace\rpg_basebackup: error: no\n')).toBe(
    'pg_basebackup: error: no\n',
  );
});

test('bytes, total and rate of the last seconds, from pieces that are cut anywhere', () => {
  const { progress, pass } = makeProgress();
  expect(progress.view).toBeUndefined();
  progress.begin('clone', nodeId('mn1'));
  pass(2000);
  expect(progress.view).toEqual({
    kind: 'clone',
    from: 'mn1',
    elapsedMs: 2000,
    bytes: 0,
    totalBytes: undefined,
    bytesPerSecond: undefined,
  });
  progress.hear('    0/10240 kB (0%), 0/1 tablesp');
  progress.hear('ace\n');
  pass(2000);
  progress.hear('4096/10240 kB (40%), 0/1 tablespace\n');
  expect(progress.view).toMatchObject({
    elapsedMs: 4000,
    bytes: 4_194_304,
    totalBytes: 10_485_760,
    bytesPerSecond: 2_097_152,
  });
  pass(60_000);
  expect(progress.view?.bytesPerSecond).toBe(0);
  progress.end();
  expect(progress.view).toBeUndefined();
});

test('a total that was estimated too low grows', () => {
  const { progress } = makeProgress();
  progress.begin('clone', nodeId('mn1'));
  progress.hear('20/10 kB (100%), 0/1 tablespace\n');
  expect(progress.view).toMatchObject({ bytes: 20_480, totalBytes: 20_480 });
});
