import type { StatusDocument } from '@hamn/api';
import { nodeId, type RequestValue } from '@hamn/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { runProgram } from '../../program.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { type FakeIo, type FakeIoOptions, fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { failing, healthy } from '../../testing/samples.ts';

const request: RequestValue = {
  id: 'r9',
  kind: 'switchover',
  token: 7,
  to: nodeId('mn2'),
  by: 'root on mn1',
  madeWallMs: 0,
  expiresWallMs: 120_000,
};

let hamnd: FakeHamnd;
beforeEach(async () => {
  hamnd = await fakeHamnd({
    'GET /status': { status: 200, body: healthy },
    'POST /requests': { status: 202, body: { accepted: true, request } },
  });
});
afterEach(() => hamnd.close());

async function run(
  argv: readonly string[],
  options: FakeIoOptions = {},
): Promise<{ code: number; io: FakeIo }> {
  const io = fakeIo(options);
  return { code: await runProgram([...argv, '--socket', hamnd.socket], fakeApp(io)), io };
}

const show = (status: StatusDocument): unknown =>
  hamnd.routes.set('GET /status', { status: 200, body: status });
const asked = (): string[] =>
  hamnd.asked.filter(({ route }) => route === 'POST /requests').map(({ body }) => body);

const moved: StatusDocument = {
  ...healthy,
  primary: { node: 'mn2', token: 12, heardOf: true },
  nodes: healthy.nodes.map((node) =>
    node.name === 'mn2'
      ? { ...node, role: 'primary' as const, doing: 'Holds the term.' }
      : node.name === 'mn1'
        ? { ...node, role: 'standby' as const, doing: 'Follows mn2.' }
        : node,
  ),
};

describe('hamnctl switchover', () => {
  it('shows its checks and changes nothing with --dry-run', async () => {
    const { code, io } = await run(['switchover', '--dry-run']);
    expect(code).toBe(exitCodes.ok);
    expect(io.written.out).toBe(
      'switchover: mn1 -> mn2\n' +
        '  ok  mn1 is primary and is heard of.\n' +
        '  ok  mn2 says that it can take over.\n' +
        '  ok  mn2 receives changes from the primary and is 256 bytes behind.\n' +
        'This was a dry run; nothing was changed.\n',
    );
    expect(asked()).toEqual([]);
  });

  it('asks hamnd with who, to whom and for how long', async () => {
    const { code, io } = await run(['switchover', '--to', 'mn2', '--timeout', '30']);
    expect(code).toBe(exitCodes.ok);
    expect(asked().map((body) => JSON.parse(body))).toEqual([
      { kind: 'switchover', to: 'mn2', by: 'root on mn1', lifeMs: 30_000 },
    ]);
    expect(io.written.out).toContain('The switchover is asked for.');
    expect(io.questions).toEqual([]);
  });

  it('refuses a target that cannot take over', async () => {
    const { code, io } = await run(['switchover', '--to', 'wit9']);
    expect(code).toBe(exitCodes.refused);
    expect(io.written.out).toContain('  NO  There is no node wit9. The nodes are mn1, mn2, wit1.\n');
    expect(io.written.err).toBe('The switchover is not possible now; nothing was changed.\n');
    expect(asked()).toEqual([]);
  });

  it('asks back on a terminal, and takes anything but yes for a no', async () => {
    const no = await run(['switchover'], { interactive: true, answer: '' });
    expect(no.code).toBe(exitCodes.refused);
    expect(no.io.questions).toEqual(['Really make mn2 the primary? [y/N] ']);
    expect(asked()).toEqual([]);
    expect((await run(['switchover'], { interactive: true, answer: 'y' })).code).toBe(exitCodes.ok);
    expect((await run(['switchover', '--yes'], { interactive: true })).code).toBe(exitCodes.ok);
    expect(asked()).toHaveLength(2);
  });

  it('tells hamnd’s refusal', async () => {
    hamnd.routes.set('POST /requests', {
      status: 409,
      body: { error: { code: 'refused', message: 'Another request stands already.' } },
    });
    const { code, io } = await run(['switchover']);
    expect(code).toBe(exitCodes.refused);
    expect(io.written.err).toBe('Another request stands already.\n');
  });
});

describe('an answer that is no definite one', () => {
  it('is told as such', async () => {
    hamnd.routes.set('POST /requests', {
      status: 504,
      body: { error: { code: 'unknown', message: 'etcd did not say whether it was written.' } },
    });
    const { code, io } = await run(['switchover']);
    expect(code).toBe(exitCodes.failed);
    expect(io.written.err).toBe('etcd did not say whether it was written.\n');
  });

  it.each([['switchover'], ['failover'], ['reinit', 'mn2']])(
    'cannot come: %s is not asked for while etcd is away',
    async (...argv) => {
      show({ ...healthy, etcd: { reachable: false } });
      const { code, io } = await run([...argv, '--yes']);
      expect(code).toBe(exitCodes.unreachable);
      expect(io.written.err).toContain('etcd does not answer mn1, so nothing can be asked for');
      expect(asked()).toEqual([]);
    },
  );

  it('is not mixed up with a definite one', async () => {
    hamnd.routes.set('POST /requests', {
      status: 503,
      body: { error: { code: 'unreachable', message: 'etcd does not answer, so nothing was changed.' } },
    });
    const { code, io } = await run(['switchover']);
    expect(code).toBe(exitCodes.unreachable);
    expect(io.written.err).toBe('etcd does not answer, so nothing was changed.\n');
  });
});

describe('hamnctl switchover --wait', () => {
  const outcome = (
    result: 'done' | 'refused' | 'expired',
    message: string,
  ): StatusDocument['lastRequest'] => ({
    id: 'r9',
    kind: 'switchover',
    outcome: result,
    message,
    by: nodeId('mn2'),
    atWallMs: 1,
  });

  it('follows until the new primary serves', async () => {
    const { code, io } = await run(['switchover', '--wait'], {
      onSleep: (count) => {
        if (count === 0) show({ ...healthy, request });
        if (count === 1)
          show({ ...moved, lastRequest: outcome('done', 'mn2 is primary now.'), nodes: healthy.nodes });
        if (count === 2) show({ ...moved, lastRequest: outcome('done', 'mn2 is primary now.') });
      },
    });
    expect(code).toBe(exitCodes.ok);
    expect(io.written.out).toContain('The switchover is done after 600 ms: mn2 is primary now.\n');
    expect(io.written.err).toBe('mn1: Follows mn2.\nmn2: Holds the term.\n');
  });

  it('is refused when the primary says so', async () => {
    const { code, io } = await run(['switchover', '--wait'], {
      onSleep: () =>
        show({ ...healthy, lastRequest: outcome('refused', 'mn2 did not confirm the shutdown checkpoint.') }),
    });
    expect(code).toBe(exitCodes.refused);
    expect(io.written.err).toBe(
      'The switchover was refused after 200 ms: mn2 did not confirm the shutdown checkpoint.\n',
    );
  });

  it('is late when nothing comes', async () => {
    const { code, io } = await run(['switchover', '--wait', '--timeout', '5']);
    expect(code).toBe(exitCodes.timeout);
    expect(io.written.err).toBe(
      'The switchover was not finished within 5.0 s; it may still happen. `hamnctl status` shows how it stands.\n',
    );
  });

  it('does not take an earlier wish’s outcome for its own', async () => {
    const old = { ...outcome('refused', 'Old.'), id: 'r8' } as NonNullable<StatusDocument['lastRequest']>;
    const { code } = await run(['switchover', '--wait', '--timeout', '1'], {
      onSleep: () => show({ ...healthy, lastRequest: old }),
    });
    expect(code).toBe(exitCodes.timeout);
  });

  it('outlives looks that fail while the roles change', async () => {
    const { code } = await run(['switchover', '--wait'], {
      onSleep: (count) => {
        if (count === 0)
          hamnd.routes.set('GET /status', { status: 503, body: { error: { code: 'x', message: 'Later.' } } });
        if (count === 3) show({ ...moved, lastRequest: outcome('done', 'mn2 is primary now.') });
      },
    });
    expect(code).toBe(exitCodes.ok);
  });
});

describe('hamnctl failover', () => {
  const dead: StatusDocument = { ...failing, request: undefined };

  it('is possible where the primary is gone, and says what it accepts', async () => {
    show(dead);
    const { code, io } = await run(['failover', '--to', 'mn2', '--allow-data-loss'], {
      interactive: true,
      answer: 'yes',
    });
    expect(code).toBe(exitCodes.ok);
    expect(io.questions).toEqual([
      'Really make mn2 the primary? Acknowledged writes may be lost for ever. [y/N] ',
    ]);
    expect(JSON.parse(asked()[0] ?? '')).toEqual({
      kind: 'failover',
      to: 'mn2',
      allowDataLoss: true,
      by: 'root on mn1',
      lifeMs: 120_000,
    });
  });
});

describe('hamnctl reinit', () => {
  it.each([
    ['mn1', 'mn1 is primary: its database is the one that counts. Nothing was changed.\n'],
    ['wit1', 'wit1 is a witness: it has no database. Nothing was changed.\n'],
    [
      'mn22',
      "There is no node mn22. Did you mean 'mn2'? The nodes are mn1, mn2, wit1. Nothing was changed.\n",
    ],
  ])('of %s is refused', async (node, message) => {
    const { code, io } = await run(['reinit', node]);
    expect(code).toBe(exitCodes.refused);
    expect(io.written.err).toBe(message);
  });

  it('of a standby is asked for', async () => {
    const { code } = await run(['reinit', 'mn2']);
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(asked()[0] ?? '')).toMatchObject({ kind: 'reinit', to: 'mn2' });
  });
});
