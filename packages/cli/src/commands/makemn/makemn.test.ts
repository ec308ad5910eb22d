import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResourcesDocument, StatusDocument } from '@hamn/api';
import { jobHasRun, nodeId, type RequestValue } from '@hamn/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { type FakeIo, type FakeIoOptions, fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { failing, healthy } from '../../testing/samples.ts';
import type { CommandResult, RunCommand } from '../doctor/run-command.ts';
import { type MakemnOptions, makemn } from './handler.ts';

const request: RequestValue = {
  id: 'r9',
  kind: 'switchover',
  token: 7,
  to: nodeId('mn2'),
  by: 'root on mn2',
  madeWallMs: 0,
  expiresWallMs: 120_000,
};

const line = (name: string, kind: string, runs = 'primary') => ({
  name,
  kind,
  runs,
  after: [],
  onFailure: 'degrade',
  restarts: 3,
  restartWindowMs: 300_000,
});

type Node = ResourcesDocument['nodes'][number];
const asPrimary = (name: string, makedns: Node['states'][number]): Node => ({
  name,
  role: 'primary',
  states: [
    { name: 'vip', kind: 'vip', state: 'running', want: 'running' },
    { name: 'postgres', kind: 'postgres', state: 'promoted', want: 'promoted' },
    { name: 'xcat-role', kind: 'marker', state: 'promoted', want: 'promoted' },
    { name: 'xcatd', kind: 'unit', state: 'running', want: 'running' },
    makedns,
  ],
});
const hasRun = { name: 'makedns', kind: 'job', state: 'stopped', want: 'running', reason: jobHasRun };
const asStandby = (name: string): Node => ({
  name,
  role: 'standby',
  states: [
    { name: 'xcat-role', kind: 'marker', state: 'running', want: 'running' },
    { name: 'xcatd', kind: 'unit', state: 'stopped', want: 'stopped' },
  ],
});
const resourcesOf = (...nodes: readonly Node[]): ResourcesDocument => ({
  schema: 1,
  cluster: 'lab',
  group: 'mn',
  atWallMs: 1_000_000,
  node: 'mn2',
  source: 'hamnd',
  missing: [],
  resources: [
    line('vip', 'vip'),
    line('postgres', 'postgres', 'all'),
    line('xcat-role', 'marker', 'all'),
    line('xcatd', 'unit'),
    line('makedns', 'job'),
  ],
  nodes,
  unmanaged: [],
});

/** mn2 is asked. */
const onMn2: StatusDocument = { ...healthy, node: 'mn2' };
const moved: StatusDocument = {
  ...onMn2,
  primary: { node: 'mn2', token: 12, heardOf: true },
  vips: [{ address: '10.0.0.10/24', interface: 'eth0', holder: 'mn2' }],
  nodes: healthy.nodes.map((node) => {
    if (node.name === 'mn2')
      return { ...node, role: 'primary' as const, postgres: { state: 'primary', timeline: 4 } };
    return node.name === 'mn1' ? { ...node, role: 'standby' as const } : node;
  }),
  lastRequest: {
    id: 'r9',
    kind: 'switchover',
    outcome: 'done',
    message: 'mn2 is primary now.',
    by: nodeId('mn2'),
    atWallMs: 1,
  },
};

let hamnd: FakeHamnd;
let etc = '';
let siteMaster = '10.0.0.10';
const ran: string[] = [];

/** gettab, chdef and getent over one value. */
const xcat: RunCommand = (program, args) => {
  const words = [program, ...args].join(' ');
  ran.push(words);
  const answers: Readonly<Record<string, Partial<CommandResult>>> = {
    '/x/gettab key=master site.value': { code: 0, stdout: `${siteMaster}\n` },
    '/x/chdef -t site master=10.0.0.10': { code: 0 },
    'getent ahosts mgmt': { code: 0, stdout: '10.0.0.10  STREAM mgmt\n10.0.0.10  DGRAM\n' },
    'getent ahosts mn1': { code: 0, stdout: '10.0.0.1  STREAM mn1\n' },
  };
  const answer = answers[words];
  if (program === '/x/chdef') siteMaster = '10.0.0.10';
  return Promise.resolve({ code: answer === undefined ? 2 : 0, stdout: '', stderr: '', ...answer });
};

beforeEach(async () => {
  siteMaster = '10.0.0.10';
  ran.length = 0;
  etc = mkdtempSync(join(tmpdir(), 'hamn-makemn-'));
  writeFileSync(join(etc, 'MN'), '');
  hamnd = await fakeHamnd({ 'POST /requests': { status: 202, body: { accepted: true, request } } });
  show(onMn2, resourcesOf(asPrimary('mn1', hasRun), asStandby('mn2')));
});
afterEach(async () => {
  rmSync(etc, { recursive: true });
  await hamnd.close();
});

function show(status: StatusDocument, resources: ResourcesDocument): void {
  hamnd.routes.set('GET /status', { status: 200, body: status });
  hamnd.routes.set('GET /resources', { status: 200, body: resources });
}
const showMoved = (job: Node['states'][number] = hasRun): void =>
  show(moved, resourcesOf(asPrimary('mn2', job), asStandby('mn1')));
const asked = (): unknown[] =>
  hamnd.asked.filter(({ route }) => route === 'POST /requests').map(({ body }) => JSON.parse(body));

async function run(
  more: Partial<MakemnOptions> = {},
  options: FakeIoOptions = {},
): Promise<{ code: number; io: FakeIo }> {
  const io = fakeIo(options);
  const base: MakemnOptions = {
    config: '/nonexistent/hamn.yaml',
    socket: hamnd.socket,
    group: 'mn',
    allowDataLoss: false,
    fixSite: false,
    dryRun: false,
    wait: true,
    timeoutSeconds: 30,
    json: false,
    yes: true,
  };
  const code = await makemn({ ...base, ...more }, fakeApp(io), {
    xcat: { run: xcat, directory: '/x' },
    markers: { onPrimary: join(etc, 'MN'), elsewhere: join(etc, 'SN') },
  });
  return { code, io };
}

describe('hamnctl makemn', () => {
  it('shows its checks and steps and changes nothing with --dry-run', async () => {
    const { code, io } = await run({ dryRun: true });
    expect(code).toBe(exitCodes.ok);
    expect(io.written.out).toBe(`makemn, by a switchover: mn1 -> mn2
  ok  mn1 is primary and is heard of.
  ok  mn2 says that it can take over.
  ok  mn2 receives changes from the primary and is 256 bytes behind.
  1. mn1 stops xcatd, its database and its VIPs, and gives the term to mn2.
  2. mn2 claims 10.0.0.10/24 and makes its database writable.
  3. xcat-role: mn2 gets the primary's file; mn1 the other one.
  4. mn2 starts xcatd.
  5. mn2 runs makedns.
  6. site.master is looked at: it must be one of the VIPs.
This was a dry run; nothing was changed.
`);
    expect(asked()).toEqual([]);
    expect(ran).toEqual([]);
  });

  it('asks for a switchover to this node while the old one is up, waits for what follows, and looks at xCAT', async () => {
    const { code, io } = await run(
      {},
      {
        onSleep: (count) => {
          if (count === 0) showMoved({ ...hasRun, state: 'starting', reason: '' });
          if (count === 3) showMoved();
        },
      },
    );
    expect(asked()).toEqual([{ kind: 'switchover', to: 'mn2', by: 'root on mn1', lifeMs: 30_000 }]);
    expect(io.written.err).toContain('The job makedns has not run to its end yet.');
    expect(io.written.out).toContain('  ok  Its database is writable.\n');
    expect(io.written.out).toContain(
      '  ok  xcat-role on mn1: it has the file of a node that is not the primary.',
    );
    expect(io.written.out).toContain('  ok  site.master is the VIP 10.0.0.10.\n');
    expect(code).toBe(exitCodes.ok);
  });

  it('does not wait for what is not installed, and says where that matters', async () => {
    const absent = { name: 'ntp', kind: 'unit', state: 'absent', want: 'running', reason: 'No such unit.' };
    const document = resourcesOf(asPrimary('mn2', absent), asStandby('mn1'));
    show(moved, { ...document, resources: [...document.resources, line('ntp', 'unit')] });
    const optional = await run();
    expect(optional.io.written.out).toContain('  ok  ntp is not installed here');
    expect(optional.code).toBe(exitCodes.ok);
    const needed = { ...line('ntp', 'unit'), onFailure: 'failover' };
    show(moved, { ...document, resources: [...document.resources, needed] });
    const { code, io } = await run();
    expect(io.written.out).toContain('ntp is absent. No such unit.');
    expect(code).toBe(6);
  });

  it('asks for a failover while the old one is down, with loss only where that was said', async () => {
    show({ ...failing, node: 'mn2', request: undefined }, resourcesOf(asStandby('mn2')));
    const no = await run({ yes: false, allowDataLoss: true }, { interactive: true, answer: 'n' });
    expect(no.code).toBe(exitCodes.refused);
    expect(no.io.questions).toEqual([
      'Really make mn2 the management node? Acknowledged writes may be lost for ever. [y/N] ',
    ]);
    await run({ wait: false });
    await run({ wait: false, allowDataLoss: true });
    expect(asked()).toEqual([
      { kind: 'failover', to: 'mn2', by: 'root on mn1', lifeMs: 30_000 },
      { kind: 'failover', to: 'mn2', allowDataLoss: true, by: 'root on mn1', lifeMs: 30_000 },
    ]);
  });

  it('is refused where the ordinary verbs are', async () => {
    show({ ...onMn2, request }, resourcesOf(asPrimary('mn1', hasRun), asStandby('mn2')));
    const { code, io } = await run();
    expect(code).toBe(exitCodes.refused);
    expect(io.written.err).toContain('mn2 cannot become the management node now; nothing was changed.');
    show({ ...healthy, node: 'wit1' }, resourcesOf(asPrimary('mn1', hasRun)));
    expect((await run()).io.written.out).toContain('NO  wit1 is a witness');
    expect(asked()).toEqual([]);
  });

  it('on the management node changes nothing and looks at everything', async () => {
    showMoved();
    const { code, io } = await run();
    expect(code).toBe(exitCodes.ok);
    expect(io.written.out).toContain('mn2 is the management node already.\n');
    expect(io.written.out).toContain(
      'This node is the management node, and all that belongs to it is right.',
    );
    expect(asked()).toEqual([]);
    expect(ran).toEqual(['/x/gettab key=master site.value']);
  });

  it.each([
    ['mgmt', 'ok', 'site.master is mgmt, the name of the VIP 10.0.0.10.'],
    ['', 'NO', 'site.master is not set.'],
    ['mn1', 'NO', 'site.master is mn1 (10.0.0.1), which is none of the VIPs (10.0.0.10)'],
    ['10.0.0.1', 'NO', 'site.master is 10.0.0.1, which is none of the VIPs'],
  ])('judges site.master %s as %s', async (value, mark, text) => {
    siteMaster = value;
    showMoved();
    const { code, io } = await run();
    expect(io.written.out).toContain(`  ${mark}  ${text}`);
    expect(code).toBe(mark === 'ok' ? exitCodes.ok : exitCodes.problems);
    expect(ran.some((words) => words.startsWith('/x/chdef'))).toBe(false);
    if (mark === 'ok') return;
    const fixed = await run({ fixSite: true });
    expect(fixed.io.written.out).toContain('site.master is the VIP 10.0.0.10. It was set now.');
    expect(fixed.code).toBe(exitCodes.ok);
  });

  it('does not set site.master in a dry run', async () => {
    siteMaster = 'mn1';
    showMoved();
    const { code } = await run({ dryRun: true, fixSite: true });
    expect(code).toBe(exitCodes.problems);
    expect(siteMaster).toBe('mn1');
  });

  it('tells a job that has failed, and files that are wrong, each with the remedy', async () => {
    showMoved({ ...hasRun, state: 'failed', reason: 'It ended with 1.' });
    const { code, io } = await run();
    expect(code).toBe(exitCodes.problems);
    expect(io.written.out).toContain('NO  The job makedns has failed. It ended with 1.\n');
    expect(io.written.out).toContain('`hamnctl jobs output makedns`');
    // Without the resource nobody else puts the files right.
    const { resources, ...rest } = resourcesOf(asPrimary('mn2', hasRun), asStandby('mn1'));
    show(moved, { ...rest, resources: resources.filter(({ kind }) => kind !== 'marker') });
    writeFileSync(join(etc, 'SN'), '');
    const both = await run();
    expect(both.code).toBe(exitCodes.problems);
    expect(both.io.written.out).toContain(
      "are both here: xCAT's commands take this node for a service node.",
    );
  });

  it('ends at its limit with what is missing', async () => {
    showMoved({ ...hasRun, state: 'starting', reason: '' });
    const { code, io } = await run();
    expect(code).toBe(exitCodes.timeout);
    expect(io.written.out).toContain('  ..  The job makedns has not run to its end yet.');
    expect(ran).toEqual([]);
  });

  it('prints one document with --json', async () => {
    showMoved();
    const { io } = await run({ json: true });
    expect(JSON.parse(io.written.out)).toMatchObject({
      schema: 1,
      node: 'mn2',
      way: 'none',
      before: [],
      exitCode: 0,
      checks: expect.arrayContaining([{ state: 'ok', text: 'mn2 is primary.' }]),
    });
  });
});
