import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CopyReport } from '../report.ts';
import { judgeSender } from './judge.ts';
import { keyFileIn, ownKeys } from './keys.ts';
import { isPublicKey, KnownPeers } from './known-peers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hamn-sync-node-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('keys', () => {
  it('are made once, and only root reads the private half', async () => {
    const first = await ownKeys(join(folder, 'sync'));
    if (!first.ok) throw new Error(first.error.message);
    expect([first.value.key, first.value.hostKey].every(isPublicKey)).toBe(true);
    expect(statSync(keyFileIn(join(folder, 'sync'))).mode & 0o777).toBe(0o600);
    expect(await ownKeys(join(folder, 'sync'))).toEqual(first);
  });
  it('that were half made are made anew', async () => {
    writeFileSync(join(folder, 'key.pub'), 'half');
    writeFileSync(join(folder, 'key.new'), 'half');
    expect(await ownKeys(folder)).toMatchObject({ ok: true });
  });
  it('that cannot be made are told with the place', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await ownKeys(join(folder, 'file'))).toMatchObject({
      error: { code: 'unusable', message: expect.stringContaining(join(folder, 'file')) },
    });
  });
});

describe('keys of others', () => {
  const key = `ssh-ed25519 ${'A'.repeat(68)}`;
  it('are known after a restart, the newest one', () => {
    const file = join(folder, 'peers.json');
    const peers = new KnownPeers(file);
    peers.learn('mn2', { key, hostKey: key });
    peers.learn('mn2', { key: key.replace('A', 'B'), hostKey: key });
    expect(new KnownPeers(file).of('mn2')?.key).toBe(key.replace('A', 'B'));
  });
  it('that are more than a key are not believed', () => {
    const peers = new KnownPeers(join(folder, 'peers.json'));
    for (const bad of [`${key}\nssh-ed25519 AAAA`, `command="sh" ${key}`, '', 'ssh-ed25519'])
      peers.learn('mn2', { key: bad, hostKey: key });
    expect(peers.of('mn2')).toBeUndefined();
  });
  it('in a file that cannot be read are none', () => {
    writeFileSync(join(folder, 'peers.json'), '{');
    expect(new KnownPeers(join(folder, 'peers.json')).of('mn2')).toBeUndefined();
  });
});

describe('the sender’s words', () => {
  const copy: CopyReport = {
    node: 'mn2',
    state: 'level',
    reason: '',
    backlogFiles: 0,
    ageMs: 0,
    drift: 0,
    drifted: [],
  };
  const reason = (changes: Partial<CopyReport>, troubles: readonly string[] = []): string | undefined =>
    judgeSender({
      resource: 'files',
      node: 'mn1',
      token: 7,
      standing: 'complete',
      folders: 1,
      troubles,
      copies: [{ ...copy, ...changes }],
    }).reason;

  it('are a reason when a copy stays behind, not when it is on its way', () => {
    expect(reason({})).toBeUndefined();
    expect(reason({ drift: 3, drifted: ['x'] })).toBeUndefined();
    expect(reason({ state: 'behind', backlogFiles: 9, ageMs: 4000 })).toBeUndefined();
    expect(reason({ state: 'comparing', backlogFiles: 1, ageMs: 121_000 })).toBe(
      '1 changes wait for mn2 since 121 s.',
    );
    expect(reason({ state: 'unreachable', reason: 'No route.', ageMs: 3000 })).toBeUndefined();
    expect(reason({ state: 'unreachable', reason: 'No route.', ageMs: 30_000 })).toBe(
      'mn2 gets no changes: No route.',
    );
    expect(reason({ state: 'refused', reason: 'mn2 is primary.' })).toBe(
      'mn2 gets no changes: mn2 is primary.',
    );
    expect(reason({}, ['/etc/xcat/ca does not exist on this node.'])).toContain('/etc/xcat/ca');
  });
});
