import type { FencingDocument } from '@hamn/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../program.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { type FakeIoOptions, fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { failing, healthy } from '../../testing/samples.ts';

const looked: FencingDocument = {
  schema: 1,
  node: 'mn2',
  mode: 'automatic',
  nodes: [
    {
      node: 'mn1',
      action: 'reboot',
      limitMs: 41_000,
      outlets: [
        { level: 1, outlet: 'bmc-mn1', agent: 'fence_ipmilan', power: 'on' },
        {
          level: 2,
          outlet: 'pdu-a:3',
          agent: 'fence_apc',
          power: 'unknown',
          reason: 'It did not end within 20000 ms and was killed.',
        },
      ],
    },
  ],
};

let hamnd: FakeHamnd;
beforeEach(async () => {
  hamnd = await fakeHamnd({
    'GET /status': { status: 200, body: healthy },
    'POST /fence/look': { status: 200, body: looked },
    'POST /fence': {
      status: 200,
      body: { message: 'bmc-mn1 switched it off, and says that it is off.' },
    },
  });
});
afterEach(() => hamnd.close());

async function run(
  argv: readonly string[],
  io: FakeIoOptions = {},
): Promise<{ code: number; out: string; err: string; questions: readonly string[] }> {
  const streams = fakeIo(io);
  const code = await runProgram(['fence', ...argv, '--socket', hamnd.socket], fakeApp(streams));
  return { code, ...streams.written, questions: streams.questions };
}
const bodies = (route: string): readonly unknown[] =>
  hamnd.asked.filter((each) => each.route === route).map(({ body }) => JSON.parse(body));

describe('hamnctl fence', () => {
  it('shows the devices and what they say; one that cannot be used is a problem', async () => {
    expect(await run(['--list'])).toMatchObject({
      code: 6,
      out: `mn1: switched off, then on again
  level 1  bmc-mn1 (fence_ipmilan) says on
  level 2  pdu-a:3 (fence_apc) cannot be used: It did not end within 20000 ms and was killed.
`,
    });
    expect(bodies('POST /fence')).toEqual([]);
  });

  it('asks back with what it will do, and does nothing at a no', async () => {
    const asked = await run(['mn1'], { interactive: true, answer: 'n' });
    expect(asked).toMatchObject({ code: 4, questions: ['Really switch mn1 off, and on again? [y/N] '] });
    expect(asked.out).toContain(
      'mn1 is primary and alive: the role moves. `hamnctl switchover` does that without an outage.',
    );
    expect(asked.err).toContain('Nothing was changed.');
    expect(bodies('POST /fence')).toEqual([]);
  });

  it('fires at a yes and tells the outcome', async () => {
    const done = await run(['mn1', '--off'], { interactive: true, answer: 'yes' });
    expect(done).toMatchObject({ code: 0, questions: ['Really switch mn1 off? [y/N] '] });
    expect(done.out).toContain('bmc-mn1 switched it off, and says that it is off.\n');
    expect(bodies('POST /fence')).toEqual([{ node: 'mn1', action: 'off', by: 'root on mn1' }]);
  });

  it.each([
    [409, 'refused', 4],
    [502, 'failed', 1],
    [504, 'timeout', 1],
    [503, 'unreachable', 3],
  ])('tells an answer of %i as what it is', async (status, code, exit) => {
    hamnd.routes.set('POST /fence', { status, body: { error: { code, message: 'So it is.' } } });
    const told = await run(['mn1', '--yes']);
    expect(told.code).toBe(exit);
    expect(told.err).toContain('mn1 is not confirmed to be off. So it is.\n');
  });

  it('with --confirmed-by-hand uses no device, warns, and asks the other question', async () => {
    hamnd.routes.set('GET /status', { status: 200, body: failing });
    hamnd.routes.set('POST /fence/confirm', { status: 200, body: { message: 'mn1 is recorded as off.' } });
    const done = await run(['mn1', '--confirmed-by-hand'], { interactive: true, answer: 'y' });
    expect(done).toMatchObject({ code: 0, questions: ['Is mn1 off, and does it stay off? [y/N] '] });
    expect(done.err).toContain('If mn1 still runs, two nodes will write at the same time');
    expect(bodies('POST /fence/confirm')).toEqual([{ node: 'mn1', by: 'root on mn1' }]);
    expect(bodies('POST /fence/look')).toEqual([]);
  });

  it.each([
    [['--yes'], 2, 'Name the node that is to be off'],
    [['mn1', '--off', '--reboot'], 2, 'Only one of'],
    [['mn9', '--confirmed-by-hand', '--yes'], 4, 'There is no node mn9.'],
  ])('refuses %j', async (argv, code, why) => {
    const told = await run(argv);
    expect(told.code).toBe(code);
    expect(told.err).toContain(why);
    expect(bodies('POST /fence')).toEqual([]);
  });
});
