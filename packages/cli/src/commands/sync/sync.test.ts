import type { FileSyncDocument } from '@hamn/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../program.ts';
import { type FakeHamnd, fakeHamnd } from '../../testing/fake-hamnd.ts';
import { type FakeIoOptions, fakeApp, fakeIo } from '../../testing/fake-io.ts';

const atWallMs = Date.UTC(2026, 10, 21, 2, 3, 33);

const level = {
  node: 'mn2',
  state: 'level' as const,
  reason: '',
  backlogFiles: 0,
  ageMs: 0,
  levelAtWallMs: atWallMs - 3000,
  comparedAtWallMs: atWallMs - 240_000,
  drift: 1,
  drifted: ['<f.st...... etc/hosts'],
};
const document: FileSyncDocument = {
  schema: 1,
  node: 'mn1',
  primary: 'mn1',
  atWallMs,
  resources: ['files'],
  senders: [
    {
      resource: 'files',
      node: 'mn1',
      token: 7,
      standing: 'complete',
      folders: 812,
      troubles: [],
      copies: [level],
    },
  ],
};
const behind: FileSyncDocument = {
  ...document,
  senders: document.senders.map((sender) => ({
    ...sender,
    troubles: [
      '/root/.xcat does not exist on this node, so it is not copied: nothing is deleted elsewhere for it.',
    ],
    copies: [
      { ...level, drift: 0, drifted: [] },
      {
        node: 'mn3',
        state: 'unreachable' as const,
        reason: 'ssh: connect to host 10.1.0.223 port 7444: Connection refused',
        backlogFiles: 31,
        ageMs: 95_000,
        drift: 0,
        drifted: [],
      },
    ],
  })),
};

let hamnd: FakeHamnd;
beforeEach(async () => {
  hamnd = await fakeHamnd({ 'GET /sync': { status: 200, body: document } });
});
afterEach(() => hamnd.close());

async function run(words: readonly string[], options: FakeIoOptions = {}) {
  const io = fakeIo(options);
  const code = await runProgram(['sync', ...words, '--socket', hamnd.socket], fakeApp(io));
  return { code, ...io.written };
}

describe('hamnctl sync', () => {
  it('shows level copies, and what was mended', async () => {
    expect(await run([])).toMatchSnapshot();
  });
  it('shows what is behind, and why', async () => {
    hamnd.routes.set('GET /sync', { status: 200, body: behind });
    expect(await run([])).toMatchSnapshot();
  });
  it('on a standby tells who sends', async () => {
    hamnd.routes.set('GET /sync', { status: 200, body: { ...document, node: 'mn2', senders: [] } });
    expect(await run([])).toMatchSnapshot();
  });
  it('on a primary without a sender says so', async () => {
    hamnd.routes.set('GET /sync', { status: 200, body: { ...document, senders: [] } });
    expect(await run([])).toMatchSnapshot();
  });
  it('prints the document', async () => {
    expect(JSON.parse((await run(['--json'])).out)).toEqual(document);
  });
  it('lists what differs', async () => {
    const diffs = [
      {
        node: 'mn2',
        known: true,
        reason: '',
        count: 2,
        paths: ['<f.st...... etc/hosts', '*deleting etc/xcat/old'],
      },
      { node: 'mn3', known: false, reason: 'It is away.', count: 0, paths: [] },
    ];
    hamnd.routes.set('GET /sync/diff', {
      status: 200,
      body: { schema: 1, node: 'mn1', resource: 'files', diffs },
    });
    expect(await run(['diff'])).toMatchSnapshot();
  });
  it('asks for a comparison of the only resource', async () => {
    hamnd.routes.set('POST /sync/now', {
      status: 200,
      body: { message: 'All files are being compared now.' },
    });
    expect(await run(['now'])).toMatchObject({ code: 0, out: 'All files are being compared now.\n' });
    expect(hamnd.asked.at(-1)).toMatchObject({
      route: 'POST /sync/now',
      body: expect.stringContaining('"files"'),
    });
  });
  it('adopts nothing without a yes', async () => {
    expect(await run(['adopt'], { interactive: true, answer: 'n' })).toMatchObject({ code: 4 });
    expect(await run(['adopt'])).toMatchObject({ code: 2, err: expect.stringContaining('say --yes') });
    expect(hamnd.asked.map(({ route }) => route)).not.toContain('POST /sync/adopt');
  });
  it('knows the names', async () => {
    expect(await run(['now', 'fiels'])).toMatchSnapshot();
  });
});
