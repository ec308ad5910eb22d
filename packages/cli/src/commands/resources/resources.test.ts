import type { ResourcesDocument } from '@hamn/api';
import { afterEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { runProgram } from '../../program.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';

let hamnd: FakeHamnd | undefined;
afterEach(async () => {
  await hamnd?.close();
  hamnd = undefined;
});

const line = (name: string, kind: string, after: readonly string[], runs = 'primary') => ({
  name,
  kind,
  runs,
  after,
  onFailure: 'degrade',
  restarts: 3,
  restartWindowMs: 300_000,
});

const document: ResourcesDocument = {
  schema: 1,
  cluster: 'lab',
  group: 'mn',
  atWallMs: 1_000_000,
  node: 'mn1',
  source: 'hamnd',
  missing: [],
  resources: [
    line('vip', 'vip', []),
    line('postgres', 'postgres', [], 'all'),
    line('named', 'unit', ['vip'], 'all'),
    line('xcatd', 'unit', ['vip', 'postgres']),
    line('makedns', 'job', ['xcatd', 'named']),
    line('dhcpd', 'unit', ['xcatd']),
  ],
  nodes: [
    {
      name: 'mn1',
      role: 'primary',
      states: [
        { name: 'vip', kind: 'vip', state: 'running', want: 'running', sinceWallMs: 400_000 },
        { name: 'postgres', kind: 'postgres', state: 'promoted', want: 'promoted', sinceWallMs: 400_000 },
        { name: 'named', kind: 'unit', state: 'unmanaged', want: 'running', sinceWallMs: 900_000 },
        { name: 'xcatd', kind: 'unit', state: 'running', want: 'running', sinceWallMs: 402_000, failures: 1 },
        {
          name: 'makedns',
          kind: 'job',
          state: 'failed',
          want: 'running',
          reason: 'It failed more than 1 times within 300 s. The last time: It ended with 1.',
          sinceWallMs: 500_000,
          failures: 2,
        },
        {
          name: 'dhcpd',
          kind: 'unit',
          state: 'stopped',
          want: 'running',
          reason: 'It waits for xcatd.',
          sinceWallMs: 999_000,
        },
      ],
    },
    {
      name: 'mn2',
      role: 'standby',
      states: [
        { name: 'postgres', kind: 'postgres', state: 'running', want: 'running' },
        { name: 'xcatd', kind: 'unit', state: 'failed', want: 'stopped', reason: 'It could not be stopped.' },
      ],
    },
  ],
  unmanaged: [{ resource: 'named', by: 'root on mn1', reason: 'new zone files', sinceWallMs: 900_000 }],
};

async function answered(args: readonly string[]) {
  hamnd = await fakeHamnd({
    'GET /resources': { status: 200, body: document },
    'GET /resources/output': {
      status: 200,
      body: {
        schema: 1,
        node: 'mn1',
        resource: 'makedns',
        act: 'start',
        atWallMs: 1_000_000,
        exitCode: 1,
        text: 'named does not answer',
        cut: false,
      },
    },
    'POST /resources/unmanaged': { status: 200, body: { message: 'named is in your hands.' } },
    'POST /resources/wish': { status: 200, body: { message: 'makedns runs once more.' } },
  });
  const io = fakeIo();
  const code = await runProgram([...args, '--socket', hamnd.socket], fakeApp(io));
  return { code, ...io.written, asked: hamnd.asked };
}

describe('hamnctl resources', () => {
  it('shows the primary’s tree, and below it what is wrong elsewhere', async () => {
    const { code, out } = await answered(['resources']);
    expect(code).toBe(exitCodes.ok);
    await expect(out).toMatchFileSnapshot('testdata/resources.txt');
    for (const shown of out.split('\n')) expect(shown.length).toBeLessThanOrEqual(80);
  });

  it('shows another node, and knows which there are', async () => {
    expect((await answered(['resources', '--node', 'mn2'])).out).toContain('on mn2 (standby)');
    await hamnd?.close();
    const { code, err } = await answered(['resources', '--node', 'mm2']);
    expect(code).toBe(exitCodes.usage);
    expect(err).toBe("There is no data node mm2. Did you mean 'mn2'? They are mn1, mn2.\n");
  });

  it('takes one into the admin’s hands', async () => {
    const { code, asked } = await answered(['resources', 'unmanage', 'named', '--reason', 'zones']);
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(asked.at(-1)?.body ?? '')).toMatchObject({
      resource: 'named',
      on: true,
      reason: 'zones',
    });
  });

  it('asks which one', async () => {
    const { code, err } = await answered(['resources', 'manage']);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('Say which resource.');
  });
});

describe('hamnctl jobs', () => {
  it('shows how each ended', async () => {
    const { out } = await answered(['jobs']);
    await expect(out).toMatchFileSnapshot('testdata/jobs.txt');
  });

  it('runs one once more', async () => {
    const { asked } = await answered(['jobs', 'run', 'makedns']);
    expect(JSON.parse(asked.at(-1)?.body ?? '')).toMatchObject({ what: 'run', resource: 'makedns' });
  });

  it('prints what it wrote', async () => {
    const { out } = await answered(['jobs', 'output', 'makedns']);
    expect(out).toBe('makedns: start ended with 1 at 1970-01-01T00:16:40.000Z\nnamed does not answer\n');
  });
});

it('hamnctl cleanup forgets the failures of all', async () => {
  const { asked } = await answered(['cleanup']);
  expect(JSON.parse(asked.at(-1)?.body ?? '')).toEqual({ what: 'cleanup', by: expect.any(String) });
});
