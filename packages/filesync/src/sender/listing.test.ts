import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Listing } from './listing.ts';

let folder: string;
const trouble = (): string | undefined => {
  const listing = new Listing([join(folder, 'ssh/id*')], ['id_own']);
  return listing.listed.flatMap((one) => listing.trouble(one) ?? [])[0];
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hamn-listing-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('a pattern that nothing fits is in trouble, whether its folder is there or not', () => {
  const said = `Nothing on this node fits ${folder}/ssh/id*, so it is not copied: nothing is deleted elsewhere for it.`;
  expect(trouble()).toBe(said);
  mkdirSync(join(folder, 'ssh'));
  for (const name of ['config', 'id_own']) writeFileSync(join(folder, 'ssh', name), '');
  expect(trouble()).toBe(said);
  writeFileSync(join(folder, 'ssh/id_rsa'), '');
  expect(trouble()).toBeUndefined();
});
