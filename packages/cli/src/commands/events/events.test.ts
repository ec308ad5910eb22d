import type { EventDocument } from '@hamn/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { runProgram } from '../../program.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';

const event = (sequence: number, more: Partial<EventDocument> = {}): EventDocument => ({
  sequence,
  atWallMs: 1_000_000 + sequence,
  node: 'mn1',
  level: 'info',
  event: 'term.taken',
  message: 'mn1 took the term.',
  ...more,
});

let hamnd: FakeHamnd;
beforeEach(async () => {
  hamnd = await fakeHamnd();
});
afterEach(() => hamnd.close());

/** Answers with these lines, half of one of them first, and ends unless it is followed. */
function lines(events: readonly EventDocument[], end = true): void {
  const text = events.map((one) => `${JSON.stringify(one)}\n`).join('');
  hamnd.routes.set('GET /events', (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write(text.slice(0, 20));
    response.write(text.slice(20));
    if (end) response.end();
  });
}

const run = async (argv: readonly string[], io = fakeIo()) => ({
  code: await runProgram(['events', ...argv, '--socket', hamnd.socket], fakeApp(io)),
  ...io.written,
});

describe('hamnctl events', () => {
  it('prints a line each', async () => {
    lines([
      event(1),
      event(2, {
        level: 'warn',
        event: 'vip.duplicate',
        message: 'Another host answers.',
        rule: 'vip.claim',
      }),
    ]);
    expect(await run([])).toEqual({
      code: exitCodes.ok,
      err: '',
      out:
        '1970-01-01 00:16:40.001  mn1  INFO   term.taken: mn1 took the term.\n' +
        '1970-01-01 00:16:40.002  mn1  WARN   vip.duplicate: Another host answers. [vip.claim]\n',
    });
  });

  it('leaves out what is older than a length of time', async () => {
    lines([event(1, { atWallMs: 1_000_000 - 61_000 }), event(2)]);
    expect((await run(['--since', '1min', '--json'])).out).toBe(`${JSON.stringify(event(2))}\n`);
  });

  it('asks hamnd for a sequence', async () => {
    lines([]);
    await run(['--since', '17', '-f']);
    expect(hamnd.asked.at(-1)?.query).toBe('group=mn&since=17&follow=1');
  });

  it('ends well at Ctrl-C', async () => {
    lines([event(1)], false);
    const io = fakeIo();
    const out = (text: string): void => {
      io.out(text);
      io.interrupt();
    };
    const watching = { ...io, out };
    expect(await runProgram(['events', '-f', '--socket', hamnd.socket], fakeApp(watching))).toBe(
      exitCodes.ok,
    );
    expect(io.written.out).toContain('term.taken');
  });

  it('says when hamnd went away meanwhile', async () => {
    hamnd.routes.set('GET /events', (_request, response) => {
      response.writeHead(200);
      response.write(`${JSON.stringify(event(1))}\n`, () => response.destroy());
    });
    const { code, out, err } = await run(['-f']);
    expect(code).toBe(exitCodes.unreachable);
    expect(out).toContain('term.taken');
    expect(err).toContain('`journalctl -u hamnd`');
  });
});
