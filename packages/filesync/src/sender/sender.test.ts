import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@hamn/engine/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renewReceiver } from '../node/receiver.ts';
import { freePort, SyncBench } from '../testing/bench.ts';
import { marksOf } from './listing.ts';
import { readStanding, writeStanding } from './standing.ts';

/** The whole way over real ssh, sshd and rsync. */
let bench: SyncBench;
const text = (path: string): string | undefined =>
  existsSync(bench.copied(path)) ? readFileSync(bench.copied(path), 'utf8') : undefined;
const write = (path: string, content: string): void => writeFileSync(bench.tree(path), content);
const arrives = (path: string, content: string | undefined): Promise<void> =>
  eventually(`${path} arrives`, 20_000, () => text(path) === content);

beforeEach(async () => {
  bench = await SyncBench.make(['etc/hosts', 'xcat', 'ssh/id*']);
  for (const folder of ['etc', 'xcat/ca', 'ssh']) mkdirSync(bench.tree(folder), { recursive: true });
  write('etc/hosts', 'one\n');
  write('etc/passwd', 'not listed');
  write('xcat/ca/key', 'secret');
  write('ssh/id_rsa', 'key');
  write('ssh/config', 'not listed');
  write('ssh/authorized_keys', 'own');
  bench.hold(1000);
  await bench.startReceiver();
});
afterEach(() => bench.close());

describe('a copy', () => {
  it('is the same in every respect, and nothing else is sent', async () => {
    const xcat = bench.tree('xcat');
    chmodSync(join(xcat, 'ca'), 0o2750);
    chmodSync(join(xcat, 'ca/key'), 0o600);
    execFileSync('chown', ['1234:4321', join(xcat, 'ca/key')]);
    symlinkSync('/etc/target', join(xcat, 'absolute'));
    symlinkSync('nowhere', join(xcat, 'dangling'));
    linkSync(join(xcat, 'ca/key'), join(xcat, 'same'));
    writeFileSync(join(xcat, 'a name\nof two lines'), '');
    execFileSync('setfacl', ['-m', 'u:77:r', join(xcat, 'ca/key')]);
    execFileSync('setfattr', ['-n', 'user.made', '-v', 'by hand', join(xcat, 'ca/key')]);
    writeFileSync(join(xcat, 'authorized_keys'), 'own');
    bench.startSender();
    await bench.untilLevel();
    rmSync(join(xcat, 'authorized_keys'));
    await eventually(
      'the copy is the same',
      10_000,
      () => SyncBench.listing(bench.copied('xcat')) === SyncBench.listing(xcat),
    );
    expect(text('etc/hosts')).toBe('one\n');
    expect(text('ssh/id_rsa')).toBe('key');
    for (const path of ['etc/passwd', 'ssh/config', 'ssh/authorized_keys', 'xcat/authorized_keys'])
      expect(text(path), path).toBeUndefined();
    expect(bench.report()).toMatchObject({ standing: 'complete', troubles: [] });
    const { paths, exclude } = bench.what;
    expect(readFileSync(bench.places.standingFile, 'utf8')).toBe(
      `complete\n${marksOf(paths, exclude).join(' ')}\n`,
    );
  });

  it('follows what is made, changed, replaced, renamed and deleted', async () => {
    bench.startSender();
    await bench.untilLevel();
    write('xcat/new', '1');
    await arrives('xcat/new', '1');
    // Of the same size, within the same second.
    write('xcat/new', '2');
    await arrives('xcat/new', '2');
    write('etc/hosts.tmp', 'two\n');
    renameSync(bench.tree('etc/hosts.tmp'), bench.tree('etc/hosts'));
    await arrives('etc/hosts', 'two\n');
    mkdirSync(bench.tree('xcat/a/b/c'), { recursive: true });
    write('xcat/a/b/c/deep', 'down');
    await arrives('xcat/a/b/c/deep', 'down');
    write('xcat/a/b/c/deep', 'more');
    await arrives('xcat/a/b/c/deep', 'more');
    renameSync(bench.tree('xcat/a'), bench.tree('xcat/z'));
    await arrives('xcat/z/b/c/deep', 'more');
    await arrives('xcat/a/b/c/deep', undefined);
    write('xcat/z/b/later', 'in a renamed folder');
    await arrives('xcat/z/b/later', 'in a renamed folder');
    rmSync(bench.tree('xcat/z'), { recursive: true });
    await arrives('xcat/z/b/later', undefined);
    write('ssh/id_ed25519', 'new');
    await arrives('ssh/id_ed25519', 'new');
    rmSync(bench.tree('ssh/id_ed25519'));
    await arrives('ssh/id_ed25519', undefined);
    chmodSync(bench.tree('xcat/new'), 0o640);
    await eventually(
      'the mode arrives',
      20_000,
      () => (statSync(bench.copied('xcat/new')).mode & 0o777) === 0o640,
    );
    linkSync(bench.tree('xcat/new'), bench.tree('xcat/other'));
    await eventually(
      'the second name arrives',
      20_000,
      () => existsSync(bench.copied('xcat/other')) && statSync(bench.copied('xcat/other')).nlink === 2,
    );
    await bench.untilLevel();
    expect(SyncBench.listing(bench.copied('xcat'))).toBe(SyncBench.listing(bench.tree('xcat')));
  });

  it('that was away is level again unaided', async () => {
    for (let n = 0; n < 50; n += 1) write(`xcat/old${n}`, 'old');
    bench.startSender();
    await bench.untilLevel();
    bench.stopReceiver();
    await eventually('it is missed', 20_000, () => {
      write('xcat/while-away', String(performance.now()));
      return bench.copy().state === 'unreachable';
    });
    for (let n = 0; n < 100; n += 1) write(`xcat/new${n}`, `${n}`);
    for (let n = 0; n < 50; n += 1) rmSync(bench.tree(`xcat/old${n}`));
    expect(bench.copy().backlogFiles).toBeGreaterThan(0);
    await bench.startReceiver();
    await bench.untilLevel();
    expect(SyncBench.listing(bench.copied('xcat'))).toBe(SyncBench.listing(bench.tree('xcat')));
  });

  it('whose other side was changed by hand is told as drift, and mended', async () => {
    const sender = bench.startSender({ compareEveryMs: 900_000 });
    await bench.untilLevel();
    writeFileSync(bench.copied('xcat/ca/key'), 'tamper');
    writeFileSync(bench.copied('xcat/more'), '');
    expect(await sender.diff()).toMatchObject([
      { known: true, count: expect.toSatisfy((n: number) => n >= 2) },
    ]);
    expect(text('xcat/more')).toBe('');
    sender.compareNow();
    await arrives('xcat/more', undefined);
    await arrives('xcat/ca/key', 'secret');
    await bench.untilLevel();
    expect(bench.copy().drift).toBeGreaterThanOrEqual(2);
    expect(bench.copy().drifted.join('\n')).toContain('xcat/more');
  });
});

it('a large tree is answered for at once, and compared when all of it is watched', async () => {
  for (let n = 0; n < 1000; n += 1) mkdirSync(bench.tree(`xcat/d${n}`));
  bench.startSender();
  expect(bench.copy()).toMatchObject({ state: 'waiting', reason: expect.stringContaining('being read') });
  expect(bench.report().folders).toBeLessThan(1000);
  await eventually('it is compared', 20_000, () => bench.copy().state !== 'waiting');
  expect(bench.report().folders).toBeGreaterThan(1000);
  await bench.untilLevel();
  expect(existsSync(bench.copied('xcat/d999'))).toBe(true);
});

it('a copy stays level while it is compared because it is time', async () => {
  bench.startSender({ compareEveryMs: 300 });
  await bench.untilLevel();
  const first = bench.copy().comparedAtWallMs ?? 0;
  const states = new Set<string>();
  await eventually('it is compared several times', 20_000, () => {
    const { state, backlogFiles, comparedAtWallMs = 0 } = bench.copy();
    states.add(`${state} ${backlogFiles}`);
    return comparedAtWallMs > first + 3000;
  });
  expect([...states]).toEqual(['level 0']);
});

describe('nothing is deleted elsewhere', () => {
  it('because what is listed is missing or empty here', async () => {
    bench.startSender();
    await bench.untilLevel();
    renameSync(bench.tree('xcat'), bench.tree('away'));
    rmSync(bench.tree('etc/hosts'));
    bench.sender?.compareNow();
    await bench.untilLevel();
    expect(text('xcat/ca/key')).toBe('secret');
    expect(text('etc/hosts')).toBe('one\n');
    expect(bench.report().troubles.join(' ')).toMatch(/hosts does not exist .*xcat does not exist/);
    mkdirSync(bench.tree('xcat'));
    bench.sender?.compareNow();
    await bench.untilLevel();
    expect(text('xcat/ca/key')).toBe('secret');
    expect(bench.report().troubles.join(' ')).toContain('is empty on this node');
    write('xcat/back', 'again');
    await arrives('xcat/back', 'again');
    await arrives('xcat/ca/key', undefined);
  });

  it('because a listed path is moved away while a change in it waits', async () => {
    bench.startSender();
    await bench.untilLevel();
    write('xcat/ca/key', 'changed');
    renameSync(bench.tree('xcat'), bench.tree('away'));
    write('etc/hosts', 'two\n');
    await arrives('etc/hosts', 'two\n');
    await bench.untilLevel();
    expect(text('xcat/ca/key')).toBeDefined();
    renameSync(bench.tree('away'), bench.tree('xcat'));
    await arrives('xcat/ca/key', 'changed');
  });

  it('because nothing here fits a pattern', async () => {
    bench.startSender();
    await bench.untilLevel();
    renameSync(bench.tree('ssh'), bench.tree('away'));
    mkdirSync(bench.tree('ssh'));
    write('ssh/config', 'fits no pattern');
    bench.sender?.compareNow();
    await bench.untilLevel();
    expect(text('ssh/id_rsa')).toBe('key');
    expect(bench.report().troubles.join(' ')).toMatch(/Nothing on this node fits .*id\*/);
    write('ssh/id_new', 'new');
    await arrives('ssh/id_new', 'new');
    await arrives('ssh/id_rsa', undefined);
  });

  it('because a listed file system is unmounted', async () => {
    const xcat = bench.tree('xcat');
    rmSync(join(xcat, 'ca'), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', 'none', xcat]);
    try {
      mkdirSync(join(xcat, 'ca/deep'), { recursive: true });
      write('xcat/ca/deep/file', 'mounted');
      bench.startSender();
      await bench.untilLevel();
      expect(text('xcat/ca/deep/file')).toBe('mounted');
    } finally {
      execFileSync('umount', [xcat]);
    }
    await eventually('it is missed', 10_000, () => bench.report().troubles.join(' ').includes('is empty'));
    write('etc/hosts', 'two\n');
    await arrives('etc/hosts', 'two\n');
    await bench.untilLevel();
    expect(text('xcat/ca/deep/file')).toBe('mounted');
  });
});

describe('a copy is not complete', () => {
  const standings = (): readonly string[] =>
    [bench.plan().standingFile, bench.places.standingFile].map((file) =>
      existsSync(file) ? (readFileSync(file, 'utf8').split('\n')[0] ?? '') : '',
    );

  it('while a line of the list is missing here', async () => {
    renameSync(bench.tree('xcat'), bench.tree('away'));
    bench.startSender();
    await arrives('etc/hosts', 'one\n');
    await bench.untilLevel();
    expect(standings()).toEqual(['origin', 'receiving']);
    renameSync(bench.tree('away'), bench.tree('xcat'));
    await arrives('xcat/ca/key', 'secret');
    await eventually('both are complete', 10_000, () => standings().every((one) => one === 'complete'));
  });

  it('because there is nothing to compare', async () => {
    for (const name of ['xcat', 'etc', 'ssh']) renameSync(bench.tree(name), bench.tree(`${name}.away`));
    bench.startSender();
    await bench.untilLevel();
    expect(standings()).toEqual(['origin', '']);
  });

  it('before the standby has taken the word for it', async () => {
    writeFileSync(bench.places.standingFile, 'receiving\n');
    mkdirSync(`${bench.places.standingFile}.new`);
    bench.startSender();
    await eventually('it is refused', 10_000, () => bench.copy().state === 'refused');
    expect(text('etc/hosts')).toBe('one\n');
    expect(standings()).toEqual(['origin', 'receiving']);
  });

  it('and stays so when it was before', async () => {
    for (const file of [bench.plan().standingFile, bench.places.standingFile])
      writeFileSync(file, 'complete\n');
    renameSync(bench.tree('xcat'), bench.tree('away'));
    bench.startSender();
    await arrives('etc/hosts', 'one\n');
    await bench.untilLevel();
    expect(standings()).toEqual(['complete', 'complete']);
  });
});

describe('another list', () => {
  const other = (): readonly string[] => [...bench.what.paths, bench.tree('more')];
  const worth = (paths: readonly string[], exclude = bench.what.exclude) =>
    [bench.plan().standingFile, bench.places.standingFile].map((file) =>
      readStanding(file, marksOf(paths, exclude)),
    );
  beforeEach(() => {
    mkdirSync(bench.tree('more'));
    write('more/file', 'good');
  });

  it('is sent by the running sender, with what changes there later, and is complete then', async () => {
    bench.startSender();
    await bench.untilLevel();
    expect(worth(bench.what.paths)).toEqual(['complete', 'complete']);
    expect(worth(other())).toEqual(['receiving', 'receiving']);
    bench.change({ paths: other() });
    await arrives('more/file', 'good');
    write('more/file', 'better');
    await arrives('more/file', 'better');
    await bench.untilLevel();
    expect(worth(other())).toEqual(['complete', 'complete']);
    bench.change({ exclude: [...bench.what.exclude, 'later'] });
    await eventually('it is complete for the new excludes', 20_000, () =>
      worth(other(), bench.what.exclude).every((one) => one === 'complete'),
    );
    write('more/later', 'own');
    write('more/last', 'last');
    await arrives('more/last', 'last');
    expect(text('more/later')).toBeUndefined();
  });

  it('makes a copy that was complete for another one worth nothing after a take-over', async () => {
    writeStanding(bench.plan().standingFile, 'complete', marksOf(bench.what.paths, bench.what.exclude));
    bench.change({ paths: other() });
    mkdirSync(bench.copied('more'), { recursive: true });
    writeFileSync(bench.copied('more/file'), 'the good one');
    writeFileSync(bench.places.standingFile, 'complete\n');
    bench.startSender();
    await eventually('it says why', 10_000, () => bench.copy().reason.includes('never had a complete copy'));
    expect(text('more/file')).toBe('the good one');
    bench.sender?.adopt();
    await arrives('more/file', 'good');
  });

  it('that is shorter leaves a copy complete, and so does an earlier version’s word', async () => {
    writeStanding(bench.plan().standingFile, 'complete', marksOf(other(), bench.what.exclude));
    bench.startSender();
    expect(bench.report().standing).toBe('complete');
    expect(worth(other())[0]).toBe('receiving');
    await bench.sender?.close();
    writeFileSync(bench.plan().standingFile, 'complete\n');
    bench.startSender();
    expect(bench.report().standing).toBe('complete');
    expect(worth(other())[0]).toBe('receiving');
  });
});

it('another port is listened at and sent to, while both sides run', async () => {
  bench.startSender();
  await bench.untilLevel();
  const before = bench.sshdPid();
  bench.change({ port: await freePort() });
  renewReceiver(bench.places, bench.what.port, () => []);
  renewReceiver(bench.places, bench.what.port, () => [before]);
  await bench.untilListening();
  bench.endSessions();
  write('etc/hosts', 'over the new port\n');
  await arrives('etc/hosts', 'over the new port\n');
  await bench.untilLevel();
  expect(bench.sshdPid()).toBe(before);
});

describe('without the term', () => {
  it('nothing is sent', async () => {
    bench.hold(-1);
    bench.startSender();
    await eventually('it says why', 10_000, () => bench.copy().reason.includes('does not hold the term'));
    expect(text('etc/hosts')).toBeUndefined();
    bench.hold(1000);
    await arrives('etc/hosts', 'one\n');
  });
  it('of its plan, a sender ends', async () => {
    bench.startSender();
    writeFileSync(bench.planFile, JSON.stringify(bench.plan({ token: 6 })));
    await eventually('it ends', 10_000, () => bench.isOver);
  });
});

describe('a receiver', () => {
  it.each([
    ['that knows a newer term', { token: 6, holder: 'mn2' }, 'the term with token 6 of mn2 is newer'],
    ['that is primary', { role: 'primary' as const }, 'this node is no standby now (it is primary)'],
    ['that knows another holder', { holder: 'mn3' }, 'mn3 holds the term with token 5, not mn1'],
    ['whose hamnd knows nothing', undefined, 'hamnd has not renewed its permission'],
  ])('%s refuses, and takes it later', async (_what, view, because) => {
    bench.permit(view);
    bench.startSender();
    await eventually('it is refused', 20_000, () => bench.copy().state === 'refused');
    expect(bench.copy().reason).toContain(because);
    expect(text('etc/hosts')).toBeUndefined();
    bench.permit({});
    await arrives('etc/hosts', 'one\n');
  });

  it('with a complete copy refuses one that never was, until an admin says otherwise', async () => {
    writeFileSync(bench.places.standingFile, 'complete\n');
    bench.startSender();
    await eventually('it is refused', 20_000, () => bench.copy().state === 'refused');
    expect(bench.copy().reason).toContain(
      'mn1 never had a complete copy of these files, and this node has one.',
    );
    bench.sender?.adopt();
    await arrives('etc/hosts', 'one\n');
  });

  it('writes nothing that is not on its own list', async () => {
    bench.startSender({ paths: [...bench.what.paths, bench.tree('etc/passwd')], exclude: [] });
    await eventually('it fails', 20_000, () => bench.copy().state === 'failed');
    expect(bench.copy().reason).toContain('exit code 23');
    expect(text('etc/passwd')).toBeUndefined();
  });
});

it('a copy that was begun and never ended is not sent on', async () => {
  writeFileSync(bench.plan().standingFile, 'receiving\n');
  bench.startSender();
  await eventually('it says why', 10_000, () => bench.copy().reason.includes('never had a complete copy'));
  expect(text('etc/hosts')).toBeUndefined();
  bench.sender?.adopt();
  await arrives('etc/hosts', 'one\n');
});
