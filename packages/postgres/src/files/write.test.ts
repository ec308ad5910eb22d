import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../process/account.ts';
import { makeDirectoryFor, writeAtomically } from './write.ts';

/** Any user that is not root. */
const user: Account = { user: 'nobody', uid: 65_534, gid: 65_534 };

let root = '';
/** A directory of the user's own, in which it may put and exchange what it likes. */
let own = '';
let victim = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hamn-write-'));
  own = join(root, 'own');
  mkdirSync(own);
  chownSync(own, user.uid, user.gid);
  victim = join(root, 'victim');
  writeFileSync(victim, 'root’s', { mode: 0o600 });
});
afterEach(() => rmSync(root, { recursive: true }));

const untouched = (): void => {
  expect(readFileSync(victim, 'utf8')).toBe('root’s');
  expect(statSync(victim)).toMatchObject({ uid: process.getuid?.() });
};

describe.runIf(process.getuid?.() === 0)('what root writes where another user may write', () => {
  it('belongs to that user, with the mode that was asked for', async () => {
    const file = join(own, 'hamn.conf');
    await writeAtomically(file, 'text', { owner: user, mode: 0o644 });
    expect(readFileSync(file, 'utf8')).toBe('text');
    expect(statSync(file)).toMatchObject({ uid: user.uid, gid: user.gid });
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  it.each(['hamn.conf', 'hamn.conf.hamn-new'])('follows no link that waits at %s', async (name) => {
    symlinkSync(victim, join(own, name));
    await writeAtomically(join(own, 'hamn.conf'), 'text', { owner: user, mode: 0o644 });
    untouched();
    expect(lstatSync(join(own, 'hamn.conf')).isSymbolicLink()).toBe(false);
    expect(readFileSync(join(own, 'hamn.conf'), 'utf8')).toBe('text');
  });

  it('stays root’s where the directory was exchanged for one that is not the user’s', async () => {
    mkdirSync(join(root, 'units'));
    symlinkSync(join(root, 'units'), join(own, 'conf.d'));
    await writeAtomically(join(own, 'conf.d', 'hamn.conf'), 'text', { owner: user, mode: 0o644 });
    expect(statSync(join(root, 'units', 'hamn.conf'))).toMatchObject({ uid: process.getuid?.() });
  });

  it('gives a new directory away, and nothing that stood there before', async () => {
    await makeDirectoryFor(user, join(own, 'clone'));
    expect(statSync(join(own, 'clone'))).toMatchObject({ uid: user.uid, gid: user.gid });
    expect(statSync(join(own, 'clone')).mode & 0o777).toBe(0o700);
    symlinkSync(victim, join(own, 'waiting'));
    await expect(makeDirectoryFor(user, join(own, 'waiting'))).rejects.toThrow('EEXIST');
    untouched();
  });
});
