import { afterEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { runProgram } from '../../program.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { failing, healthy } from '../../testing/samples.ts';

let hamnd: FakeHamnd | undefined;
afterEach(async () => {
  await hamnd?.close();
  hamnd = undefined;
});

async function serving(status: unknown, code = 200): Promise<FakeHamnd> {
  hamnd = await fakeHamnd({ 'GET /status': { status: code, body: status } });
  return hamnd;
}

describe('hamnctl status', () => {
  it('prints the picture and exits 0 when nothing is wrong', async () => {
    const { socket } = await serving(healthy);
    const io = fakeIo();
    expect(await runProgram(['status', '--socket', socket], fakeApp(io))).toBe(exitCodes.ok);
    expect(io.written.out).toContain('mn1 is primary');
    expect(io.written.err).toBe('');
  });

  it('exits 6 when something is', async () => {
    const { socket } = await serving({ ...failing, source: 'hamnd' });
    expect(await runProgram(['status', '--socket', socket], fakeApp(fakeIo()))).toBe(exitCodes.problems);
  });

  it('prints the document with --json', async () => {
    const { socket } = await serving(healthy);
    const io = fakeIo();
    await runProgram(['status', '--json', '--group', 'mn', '--socket', socket], fakeApp(io));
    expect(JSON.parse(io.written.out)).toEqual(JSON.parse(JSON.stringify(healthy)));
    expect(hamnd?.asked.at(-1)).toEqual({ route: 'GET /status', query: 'group=mn', body: '' });
  });

  it('tells hamnd’s own reason when it cannot answer', async () => {
    const { socket } = await serving({ error: { code: 'x', message: 'hamnd still reads etcd.' } }, 503);
    const io = fakeIo();
    expect(await runProgram(['status', '--socket', socket], fakeApp(io))).toBe(exitCodes.unreachable);
    expect(io.written).toEqual({ out: '', err: 'hamnd still reads etcd.\n' });
  });

  it('names a document that it cannot read', async () => {
    const { socket } = await serving({ ...healthy, nodes: 'none' });
    const io = fakeIo();
    expect(await runProgram(['status', '--socket', socket], fakeApp(io))).toBe(exitCodes.failed);
    expect(io.written.err).toBe(
      "hamnd’s answer cannot be read (at 'nodes'). Are hamnd and hamnctl of one version? `systemctl restart hamnd` is harmless.\n",
    );
  });

  it('draws over itself with --watch on a terminal, and puts the screen back', async () => {
    const { socket, routes } = await serving(healthy);
    const io = fakeIo({
      terminal: true,
      onSleep: (count) => {
        routes.set('GET /status', { status: 200, body: failing });
        if (count === 1) io.interrupt();
      },
    });
    expect(await runProgram(['status', '--watch', '--socket', socket], fakeApp(io))).toBe(exitCodes.ok);
    const { out } = io.written;
    expect(out.startsWith('\u001b[?1049h\u001b[?25l\u001b[HNo problems.\u001b[K\n')).toBe(true);
    expect(out.endsWith('\u001b[K\u001b[J\u001b[?25h\u001b[?1049l')).toBe(true);
    expect(out).not.toContain('\u001b[2J');
    expect(out).toContain('NOT HEARD OF');
  });

  it('prints a line a look with --watch --json', async () => {
    const { socket } = await serving(healthy);
    const io = fakeIo({ terminal: true, onSleep: (count) => count === 1 && io.interrupt() });
    await runProgram(['status', '-w', '--json', '--socket', socket], fakeApp(io));
    const lines = io.written.out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).schema)).toEqual([1, 1]);
  });
});
