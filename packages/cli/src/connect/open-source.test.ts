import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeFile, readNodeFile } from '@hamn/config';
import { revision } from '@hamn/core';
import { memoryStore } from '@hamn/engine/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.ts';
import { runProgram } from '../program.ts';
import { fakeApp, fakeIo } from '../testing/fake-io.ts';
import { etcdSource } from './etcd-source.ts';

let directory = '';
let config = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hamnctl-test-'));
  config = join(directory, 'hamn.yaml');
  await writeFile(
    config,
    `cluster: lab\nnode: mn1\naddress: 10.0.0.1\nsocket: ${directory}/none.sock\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n`,
  );
});
afterAll(() => rm(directory, { recursive: true }));

const keys = {
  leader: JSON.stringify({ kind: 'held', holder: 'mn1', nonce: 'n', termMs: 3000 }),
  state: JSON.stringify({ electorate: ['mn1'], synchronous: ['mn1'], promotions: [] }),
  lease: JSON.stringify({ holder: 'mn1', token: 10 }),
  'history/0000000010': JSON.stringify({
    token: 10,
    node: 'mn1',
    kind: 'first',
    why: 'It was set up.',
    atWallMs: 0,
    phases: [],
  }),
};

describe('without hamnd', () => {
  it('etcd is read, and the document says so', async () => {
    const io = fakeIo();
    const app = fakeApp(io, { ok: true, value: memoryStore(keys) });
    await runProgram(['status', '--json', '--config', config], app);
    const document = JSON.parse(io.written.out);
    expect(document).toMatchObject({
      source: 'etcd',
      node: 'mn1',
      primary: { node: 'mn1', token: 10, sinceWallMs: 0 },
    });
    expect(document.missing).toEqual([
      `There is no socket ${directory}/none.sock: hamnd does not run here. Shown is what the nodes last wrote to etcd, without the time that the term has left and without events.`,
      'The group has no settings in etcd, so VIPs and modes are not shown.',
    ]);
  });

  it('and without etcd both are named', async () => {
    const io = fakeIo();
    const store = memoryStore(keys);
    store.silence();
    const code = await runProgram(['status', '--config', config], fakeApp(io, { ok: true, value: store }));
    expect(code).toBe(exitCodes.unreachable);
    expect(io.written).toEqual({
      out: '',
      err: `There is no socket ${directory}/none.sock: hamnd does not run here. etcd does not answer either: No endpoint of etcd answered.\n`,
    });
  });

  it('and without certificates the way out is told', async () => {
    const io = fakeIo();
    expect(await runProgram(['status', '--config', config], fakeApp(io))).toBe(exitCodes.usage);
    expect(io.written.err).toContain('etcd cannot be asked either: This test has no etcd.');
  });

  it('history comes from etcd', async () => {
    const io = fakeIo();
    const app = fakeApp(io, { ok: true, value: memoryStore(keys) });
    expect(await runProgram(['history', '--config', config], app)).toBe(exitCodes.ok);
    expect(io.written.out).toContain('first  mn1  (token 10)\n  Why:    It was set up.\n');
  });

  it('events are nowhere else', async () => {
    const io = fakeIo();
    const app = fakeApp(io, { ok: true, value: memoryStore(keys) });
    expect(await runProgram(['events', '--config', config], app)).toBe(exitCodes.unreachable);
    expect(io.written.err).toBe(
      `There is no socket ${directory}/none.sock: hamnd does not run here. What hamnd wrote before is in the journal: \`journalctl -u hamnd\`.\n`,
    );
  });

  it('a bad node file is shown with its place', async () => {
    const bad = join(directory, 'bad.yaml');
    await writeFile(
      bad,
      'cluster: lab\nnode: mn1\naddress: nowhere\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n',
    );
    const io = fakeIo();
    expect(await runProgram(['status', '--config', bad], fakeApp(io))).toBe(exitCodes.usage);
    expect(io.written.err).toContain(`${bad}:3:10 address: 'nowhere' is not legal here.`);
  });

  it('a hamnd that is frozen is given up after a limit', async () => {
    const socket = join(directory, 'frozen.sock');
    const taken: Socket[] = [];
    const frozen = createServer((connection) => taken.push(connection));
    await new Promise<void>((resolve) => frozen.listen(socket, resolve));
    const io = fakeIo();
    const app = fakeApp(io, { ok: true, value: memoryStore(keys) });
    const begun = performance.now();
    await runProgram(['status', '--json', '--config', config, '--socket', socket], app);
    expect(performance.now() - begun).toBeLessThan(2500);
    expect(JSON.parse(io.written.out).missing[0]).toContain(
      `hamnd did not answer on ${socket} within 1500 ms.`,
    );
    for (const connection of taken) connection.destroy();
    await new Promise((resolve) => frozen.close(resolve));
  });
});

describe('requests without hamnd', () => {
  const ask = async (argv: readonly string[], store = memoryStore(keys)) => {
    const io = fakeIo();
    const code = await runProgram([...argv, '--config', config], fakeApp(io, { ok: true, value: store }));
    return { code, ...io.written, store };
  };

  it('pause and resume write and remove the key', async () => {
    const store = memoryStore(keys);
    expect(await ask(['pause', '--reason', 'new switch'], store)).toMatchObject({
      code: exitCodes.ok,
      out: expect.stringContaining('The group mn is paused: nobody takes over by itself'),
    });
    expect(JSON.parse(store.entries.get('pause')?.value ?? '')).toEqual({
      by: 'root on mn1',
      reason: 'new switch',
      sinceWallMs: 1_000_000,
    });
    expect(await ask(['pause'], store)).toMatchObject({
      code: exitCodes.refused,
      err: expect.stringMatching(
        /^The group mn is paused already, by root on mn1 since 1970-01-01 00:16:40 UTC \(new switch\)\./,
      ),
    });
    expect(await ask(['resume'], store)).toMatchObject({ code: exitCodes.ok });
    expect(store.entries.has('pause')).toBe(false);
    expect(await ask(['resume'], store)).toMatchObject({ code: exitCodes.refused });
  });

  it('an answer that is lost is settled by reading again', async () => {
    const done = memoryStore(keys);
    done.loseNextAnswer(true);
    expect((await ask(['pause'], done)).code).toBe(exitCodes.ok);
    const undone = memoryStore(keys);
    undone.loseNextAnswer(false);
    expect((await ask(['pause'], undone)).code).toBe(exitCodes.failed);
  });

  const member = (node: string, more: object): string =>
    JSON.stringify({
      node,
      version: '0.1.0',
      address: '10.0.0.2',
      role: 'standby',
      doing: '',
      healthy: true,
      problems: [],
      ...more,
    });
  const pair = {
    ...keys,
    'members/mn1': member('mn1', { role: 'primary' }),
    'members/mn2': member('mn2', { candidacy: { eligible: true, reasons: [] } }),
  };
  const wish = (expiresWallMs: number): string =>
    JSON.stringify({ id: 'old', kind: 'reinit', token: 9, by: 'ann', madeWallMs: 0, expiresWallMs });

  it('a switchover is written under the token that was seen, with its end', async () => {
    const { code, store } = await ask(['switchover', '--to', 'mn2', '--timeout', '60'], memoryStore(pair));
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(store.entries.get('request')?.value ?? '')).toMatchObject({
      kind: 'switchover',
      token: 10,
      to: 'mn2',
      by: 'root on mn1',
      madeWallMs: 1_000_000,
      expiresWallMs: 1_060_000,
    });
  });

  it('is not written over another wish, but over one that is void', async () => {
    const pending = memoryStore({ ...pair, request: wish(2_000_000) });
    expect((await ask(['switchover'], pending)).code).toBe(exitCodes.refused);
    const source = etcdSource(
      { file: nodeFile(), group: 'mn', why: '' },
      memoryStore({ ...pair, request: wish(5) }),
      fakeIo(),
    );
    const written = await source.request({ kind: 'switchover', by: 'root', lifeMs: 1000 });
    expect(written.ok).toBe(true);
  });

  it('is refused where the term changed hands meanwhile', async () => {
    const store = memoryStore(pair);
    store.before = () => store.entries.set('leader', { value: keys.leader, mod: revision(99) });
    const { code, err } = await ask(['switchover'], store);
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain('Somebody else changed the group at the same moment.');
    expect(store.entries.has('request')).toBe(false);
  });
});

function nodeFile(): NodeFile {
  const read = readNodeFile(
    'cluster: lab\nnode: mn1\naddress: 10.0.0.1\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n',
    'n',
  );
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}
