import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { done, fail, type Result } from '@hamn/core';
import { eventually, testClock } from '@hamn/engine/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Leftovers } from './leftovers.ts';

let directory: string;
let stopped: string[];
let answer: Result<undefined, 'timeout'>;
let leftovers: Leftovers;

const units = {
  stop: (unit: string) => {
    stopped.push(unit);
    return Promise.resolve(answer);
  },
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hamn-left-'));
  for (const name of ['mn-files', 'mn-old']) mkdirSync(join(directory, name));
  stopped = [];
  answer = done;
  leftovers = new Leftovers(directory, 'mn', { clock: testClock, units });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const isThere = (name: string): boolean => existsSync(join(directory, name));

it('ends what the settings do not have any more, and nothing else', async () => {
  leftovers.see(['files']);
  await eventually('it is ended', 5000, () => !isThere('mn-old'));
  expect(stopped).toEqual(['hamn-res-mn-old.service', 'hamn-sync-mn-old.service']);
  expect(isThere('mn-files')).toBe(true);
});

it('ends what the group left that the node was in before, and takes no name for a part of another', async () => {
  rmSync(join(directory, 'mn-old'), { recursive: true });
  for (const name of ['other-files', 'mn-x-files']) mkdirSync(join(directory, name));
  leftovers = new Leftovers(directory, 'mn-x', { clock: testClock, units });
  leftovers.see(['files']);
  await eventually('they are ended', 5000, () => !isThere('other-files') && !isThere('mn-files'));
  expect(isThere('mn-x-files')).toBe(true);
  expect(stopped).toHaveLength(4);
});

it('tries again what could not be ended', async () => {
  answer = fail('timeout', 'systemd is silent.');
  leftovers.see(['files']);
  await eventually('it was tried', 5000, () => stopped.length === 2);
  expect(isThere('mn-old')).toBe(true);
  answer = done;
  await eventually('it is ended', 5000, () => {
    leftovers.see(['files']);
    return !isThere('mn-old');
  });
});

it('where nothing was ever started there is nothing to end', () => {
  rmSync(directory, { recursive: true });
  leftovers.see([]);
  expect(stopped).toEqual([]);
});
