import { afterEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { runProgram } from '../../program.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { healthy } from '../../testing/samples.ts';

let hamnd: FakeHamnd | undefined;
afterEach(async () => {
  await hamnd?.close();
  hamnd = undefined;
});

const copy = {
  kind: 'clone',
  from: 'mn1',
  elapsedMs: 14_000,
  bytes: 1_288_490_189,
  totalBytes: 5_368_709_120,
  bytesPerSecond: 89_128_960,
};

const copying = (of: unknown): unknown => ({
  ...healthy,
  nodes: healthy.nodes.map((node) =>
    node.name === 'mn2' ? { ...node, postgres: { state: 'no database', copy: of } } : node,
  ),
});

describe('hamnctl pg clone-progress', () => {
  it('says bytes, rate and time left', async () => {
    hamnd = await fakeHamnd({ 'GET /status': { status: 200, body: copying(copy) } });
    const io = fakeIo();
    const ran = await runProgram(['pg', 'clone-progress', '--socket', hamnd.socket], fakeApp(io));
    expect(ran).toBe(exitCodes.ok);
    expect(io.written.out).toBe('mn2: clone from mn1: 1.2 GB of 5.0 GB (24 %), 85 MB/s, 45.8 s left\n');
  });

  it('says what it waits for before the size is known', async () => {
    const body = copying({ kind: 'rewind', from: 'mn1', elapsedMs: 1500, bytes: 0 });
    hamnd = await fakeHamnd({ 'GET /status': { status: 200, body } });
    const io = fakeIo();
    await runProgram(['pg', 'clone-progress', 'mn2', '--socket', hamnd.socket], fakeApp(io));
    expect(io.written.out).toBe('mn2: rewind from mn1: looks for what differs, for 1.5 s\n');
  });

  it('prints what programs read, and goes on until the copy is done', async () => {
    hamnd = await fakeHamnd({ 'GET /status': { status: 200, body: copying(copy) } });
    const { routes, socket } = hamnd;
    const io = fakeIo({ onSleep: () => void routes.set('GET /status', { status: 200, body: healthy }) });
    await runProgram(['pg', 'clone-progress', '--watch', '--json', '--socket', socket], fakeApp(io));
    const looks = io.written.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(looks).toEqual([[{ node: 'mn2', ...copy, leftMs: 45_779 }], []]);
  });

  it('names the nodes when there is no such one', async () => {
    hamnd = await fakeHamnd({ 'GET /status': { status: 200, body: healthy } });
    const io = fakeIo();
    const ran = await runProgram(['pg', 'clone-progress', 'mn9', '--socket', hamnd.socket], fakeApp(io));
    expect(ran).toBe(exitCodes.usage);
    expect(io.written.err).toMatch(/^There is no node mn9\./);
  });
});
