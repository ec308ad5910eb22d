import type { ServiceNodesDocument } from '@hamn/api';
import { serviceNodeId } from '@hamn/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../program.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { type FakeIoOptions, fakeApp, fakeIo } from '../../testing/fake-io.ts';

const atWallMs = Date.UTC(2026, 10, 21, 2, 3, 33);
const minutes = (count: number): number => atWallMs - count * 60_000;

const document: ServiceNodesDocument = {
  schema: 1,
  node: 'mn1',
  atWallMs,
  mode: 'propose',
  judgedBy: 'mn1',
  judgedAtWallMs: atWallMs - 4000,
  missing: [],
  serviceNodes: [
    {
      name: 'sn1',
      address: '10.1.0.31',
      pools: ['rack1'],
      capacity: 300,
      state: 'down',
      sinceWallMs: minutes(5),
      because: 'It does not answer: ping failed 4 of 6, xcatd failed 4 of 6.',
      flapping: false,
      failing: ['ping: 10.1.0.31 did not answer within 3000 ms.', 'xcatd: Nothing listens.'],
      nodes: 28,
      away: 12,
    },
    {
      name: 'sn2',
      address: '10.1.0.32',
      pools: ['rack1', 'rack2', 'rack3'],
      state: 'up',
      sinceWallMs: minutes(3000),
      flapping: false,
      failing: [],
      nodes: 52,
      away: 0,
    },
    {
      name: 'sn3',
      address: '10.1.0.33',
      pools: ['rack2'],
      state: 'up',
      sinceWallMs: minutes(20),
      flapping: true,
      failing: [],
      nodes: 0,
      away: 3,
      failbackFromWallMs: minutes(-10),
    },
  ],
  moves: [
    {
      id: '91.3',
      kind: 'move',
      from: 'sn1',
      to: 'sn2',
      stage: 'begun',
      nodes: ['n13', 'n14'],
      left: [],
      message: 'root on mn1 asked for it.',
      begunWallMs: minutes(1),
    },
    {
      id: '91.2',
      kind: 'move',
      from: 'sn1',
      to: 'sn2',
      stage: 'ended',
      nodes: ['n1', 'n2'],
      left: ['n2'],
      message: '1 of 2 nodes are at sn2 by xCAT’s tables. Not moved: n2.',
      begunWallMs: minutes(3),
      endedWallMs: minutes(2),
    },
  ],
  away: [
    { home: 'sn1', at: 'sn2', nodes: ['n1', 'n3'] },
    { home: 'sn3', at: 'sn2', nodes: ['n40', 'n41', 'n42'] },
  ],
  proposed: [{ kind: 'move', from: 'sn1', to: 'sn2', nodes: 20 }],
  wishes: [
    {
      id: 'w',
      kind: 'move',
      serviceNode: serviceNodeId('sn1'),
      by: 'root on mn1',
      madeWallMs: minutes(4),
      expiresWallMs: minutes(-60),
    },
  ],
  damagedRecords: 0,
  because: ['sn1 is down and serves 28 nodes. It does not answer: ping failed 4 of 6, xcatd failed 4 of 6.'],
};

let hamnd: FakeHamnd;
beforeEach(async () => {
  hamnd = await fakeHamnd({
    'GET /service-nodes': { status: 200, body: document },
    'POST /service-nodes/wish': { status: 200, body: { message: 'It begins.' } },
    'POST /service-nodes/cancel': { status: 200, body: { message: 'It ends.' } },
  });
});
afterEach(() => hamnd.close());

async function run(
  argv: readonly string[],
  io: FakeIoOptions = {},
): Promise<{ code: number; out: string; err: string; questions: readonly string[] }> {
  const streams = fakeIo(io);
  const code = await runProgram(['sn', ...argv, '--socket', hamnd.socket], fakeApp(streams));
  return { code, ...streams.written, questions: streams.questions };
}
const bodies = (route: string): readonly unknown[] =>
  hamnd.asked.filter((each) => each.route === route).map(({ body }) => JSON.parse(body));

describe('hamnctl sn status', () => {
  it('shows all of it within 80 columns, and a lost service node is a problem', async () => {
    const shown = await run(['status']);
    expect(shown.code).toBe(6);
    expect(shown.out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(shown.out).toMatchInlineSnapshot(`
      "Mode propose. mn1 looks after them; written 4.0 s ago.

      SERVICE NODE  POOLS             STATE      SINCE    NODES  AWAY  FAILING
      sn1           rack1             DOWN       5 min    28     12    ping, xcatd
      sn2           rack1,rack2,r...  up         2 d 2 h  52     -     -
      sn3           rack2             up, flaps  20 min   0      3     -

      Asked for:
        move sn1, by root on mn1 at 2026-11-21 01:59:33

      Under way:
        91.3 move sn1 -> sn2 since 2026-11-21 02:02:33: n13, n14

      Proposed:
        sn1 -> sn2: 20 nodes
        hamnctl sn move sn1 begins it.

      Moved away:
        of sn1, now at sn2: n1, n3
        of sn3, now at sn2: n40, n41, n42
        hamnctl sn failback sn3 brings them home after 2026-11-21 02:13:33
        (moves.failbackSoak).

      Why:
        sn1 is down and serves 28 nodes. It does not answer: ping failed 4 of 6, xcatd
        failed 4 of 6.

      Last moves:
        2026-11-21 02:01:33 91.2 move sn1 -> sn2: 1 of 2 nodes are at sn2 by xCAT’s
        tables. Not moved: n2.
      "
    `);
  });

  it('prints the document', async () => {
    const shown = await run(['status', '--json']);
    expect(JSON.parse(shown.out)).toEqual(document);
  });

  it('ends with 0 where all are up', async () => {
    const serviceNodes = document.serviceNodes.filter(({ name }) => name === 'sn2');
    hamnd.routes.set('GET /service-nodes', { status: 200, body: { ...document, serviceNodes } });
    expect((await run(['status'])).code).toBe(0);
  });

  it('without the section in the settings says so', async () => {
    const message = 'The settings of this group have no section `serviceNodes`; see docs/service-nodes.md.';
    hamnd.routes.set('GET /service-nodes', {
      status: 409,
      body: { error: { code: 'not-configured', message } },
    });
    expect(await run(['status'])).toMatchObject({ code: 4, err: `${message}\n` });
  });
});

describe('hamnctl sn move', () => {
  it('shows what would move, and asks back', async () => {
    const asked = await run(['move', 'sn1'], { interactive: true, answer: 'n' });
    expect(asked).toMatchObject({ code: 4, questions: ['Really move the nodes of sn1? [y/N] '] });
    expect(asked.out).toBe('sn1 is down and serves 28 nodes.\n  20 to sn2, and further ones after them\n');
    expect(bodies('POST /service-nodes/wish')).toEqual([]);
  });

  it('asks for it at a yes, to one service node where one is named', async () => {
    expect(await run(['move', 'sn1', 'sn2', '--yes'])).toMatchObject({ code: 0 });
    expect(bodies('POST /service-nodes/wish')).toEqual([
      { kind: 'move', serviceNode: 'sn1', to: 'sn2', by: 'root on mn1' },
    ]);
  });

  it('of one that the settings do not have is refused with what was meant', async () => {
    expect(await run(['move', 'sn1', 'sn22', '--yes'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('There is no service node sn22 in the settings. Did you mean'),
    });
    expect(bodies('POST /service-nodes/wish')).toEqual([]);
  });

  it.each([
    [409, 'refused', 4],
    [503, 'unreachable', 3],
    [504, 'unknown', 1],
  ])('tells an answer of %i as what it is', async (status, code, exit) => {
    hamnd.routes.set('POST /service-nodes/wish', { status, body: { error: { code, message: 'So it is.' } } });
    expect(await run(['move', 'sn1', '-y'])).toMatchObject({ code: exit, err: 'So it is.\n' });
  });
});

describe('hamnctl sn failback', () => {
  it('shows which nodes come home, and asks for it', async () => {
    const asked = await run(['failback', 'sn3', '-y']);
    expect(asked).toMatchObject({ code: 0, out: 'From sn2 to sn3: n40, n41, n42\nIt begins.\n' });
    expect(bodies('POST /service-nodes/wish')).toEqual([
      { kind: 'failback', serviceNode: 'sn3', by: 'root on mn1' },
    ]);
  });

  it('without the soak needs a word of its own, where nobody can be asked as well', async () => {
    expect(await run(['failback', 'sn3', '--force'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('say --yes, too'),
    });
    const asked = await run(['failback', 'sn3', '--force'], { interactive: true, answer: 'no' });
    expect(asked).toMatchObject({ code: 4, questions: ['Really bring them home without the soak? [y/N] '] });
    expect(asked.err).toContain('the soak ends at 2026-11-21 02:13:33');
    expect(bodies('POST /service-nodes/wish')).toEqual([]);
    expect((await run(['failback', 'sn3', '--force', '--yes'])).code).toBe(0);
    expect(bodies('POST /service-nodes/wish')).toEqual([
      { kind: 'failback', serviceNode: 'sn3', force: true, by: 'root on mn1' },
    ]);
  });
});

describe('hamnctl sn cancel', () => {
  it('drops what was asked for', async () => {
    expect(await run(['cancel', 'sn1'])).toMatchObject({ code: 0, out: 'It ends.\n' });
    expect(bodies('POST /service-nodes/cancel')).toEqual([{ serviceNode: 'sn1', by: 'root on mn1' }]);
  });
});

describe('hamnctl sn exports', () => {
  it('prints a line for each service node, of a pool where one is named', async () => {
    expect(await run(['exports', '/install'])).toMatchObject({
      code: 0,
      out: [
        '# /etc/exports on sn1',
        '/install *(rw,no_root_squash,replicas=/install@sn2:/install@sn3)',
        '# /etc/exports on sn2',
        '/install *(rw,no_root_squash,replicas=/install@sn1:/install@sn3)',
        '# /etc/exports on sn3',
        '/install *(rw,no_root_squash,replicas=/install@sn1:/install@sn2)',
        '',
      ].join('\n'),
    });
    const rack = await run(['exports', '/install', '--pool', 'rack2', '--clients', '10.2.0.0/16', '--json']);
    expect(JSON.parse(rack.out)).toEqual({
      schema: 1,
      exports: {
        sn2: '/install 10.2.0.0/16(rw,no_root_squash,replicas=/install@sn3)',
        sn3: '/install 10.2.0.0/16(rw,no_root_squash,replicas=/install@sn2)',
      },
    });
  });

  it('asks nobody where the servers are named', async () => {
    hamnd.routes.clear();
    const named = ['--server', 'a', '--server', 'b', '--options', 'ro'];
    expect(await run(['exports', '/tftpboot', ...named])).toMatchObject({
      code: 0,
      out: expect.stringContaining('/tftpboot *(ro,replicas=/tftpboot@b)'),
    });
  });

  it.each([
    [['install'], /write an absolute path/],
    [['/install', '--pool', 'rack9'], /no pool rack9 .* They have rack1, rack2, rack3/],
    [['/install', '--pool', 'rack3'], /two servers at least/],
    [['/install', '--clients', 'a b'], /no client of exports/],
  ])('refuses %j in a sentence', async (args, why) => {
    expect(await run(['exports', ...args])).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringMatching(why),
    });
  });
});
