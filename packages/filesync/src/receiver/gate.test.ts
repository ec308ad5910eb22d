import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uptimeMs } from '../testing/bench.ts';
import { permitText } from './permit.ts';

/** deploy/files/sync-gate as sshd runs it; `rsync` is a script that says so. */
const gate = join(import.meta.dirname, '..', '..', '..', '..', 'deploy', 'files', 'sync-gate');
let folder: string;
const standing = (): string => join(folder, 'standing');
const push = '--server --daemon .';
/** A machine that has much to do must not end the permission before the gate looks at it. */
const later = (): number => uptimeMs() + 600_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hamn-gate-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'rsync'), '#!/bin/sh\necho "rsync $*"\n', { mode: 0o755 });
  permit(permitText({ role: 'standby', token: 7, holder: 'mn1' }, later()));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const permit = (text: string): void => writeFileSync(join(folder, 'permit'), text);

function ask(command: string, from = 'mn1') {
  const run = spawnSync('/bin/sh', [gate, folder, standing(), from], {
    env: { PATH: `${folder}/bin:/usr/sbin:/usr/bin:/bin`, SSH_ORIGINAL_COMMAND: command },
    encoding: 'utf8',
    timeout: 10_000,
  });
  const stood = existsSync(standing()) ? readFileSync(standing(), 'utf8').trim() : '';
  return { code: run.status, said: run.stdout + run.stderr, stood };
}

describe('the gate lets through', () => {
  it.each([
    ['the holder, for the first time', `hamn-sync 7 origin ${push}`, '', 'receiving'],
    ['the holder', `hamn-sync 7 complete ${push}`, 'complete', 'complete'],
    [
      'the holder, whose copy counts more than this origin',
      `hamn-sync 7 complete ${push}`,
      'origin',
      'receiving',
    ],
    ['a term that is not known here yet', `hamn-sync 8 complete ${push}`, 'complete', 'complete', 'mn3'],
    ['the word that the copy is complete', 'hamn-sync 7 complete level', 'receiving', 'complete'],
    [
      'the word with the marks of what is complete',
      'hamn-sync 7 complete level 0a1b 2c',
      'receiving',
      'complete\n0a1b 2c',
    ],
    ['the word for another list', 'hamn-sync 7 complete level 3d', 'complete\n0a1b 2c', 'complete\n3d'],
    [
      'an earlier version’s word, which does not say for what',
      'hamn-sync 7 complete level',
      'complete\n0a1b 2c',
      'complete\n0a1b 2c',
    ],
    [
      'the holder, and what the copy is worth stays',
      `hamn-sync 7 complete ${push}`,
      'complete\n0a1b',
      'complete\n0a1b',
    ],
  ])('%s', (_what, command, before, after, from = 'mn1') => {
    if (before !== '') writeFileSync(standing(), `${before}\n`);
    const { code, said, stood } = ask(command, from);
    expect([code, stood]).toEqual([0, after]);
    expect(said).toBe(
      command.endsWith(push) ? `rsync --server --daemon --config=${folder}/rsyncd.conf .\n` : '',
    );
  });
});

describe('the gate refuses', () => {
  it.each([
    ['no command', ''],
    ['a shell', 'sh -i'],
    ['rsync without a token', 'rsync --server . /'],
    ['another run of rsync', 'hamn-sync 7 complete --server . /etc'],
    ['more behind it', `hamn-sync 7 complete ${push} ; id`],
    ['a token that is none', `hamn-sync 7x complete ${push}`],
    ['a token that no shell can compare', `hamn-sync 99999999999999999999 complete ${push}`],
    ['an older token', `hamn-sync 6 complete ${push}`],
    ['a copy that is not complete', `hamn-sync 7 receiving ${push}`],
    ['a pattern', `hamn-sync 7 complete /*`],
    ['marks that are none', 'hamn-sync 7 complete level 0a1b $(id)'],
  ])('%s', (_what, command) => {
    const { code, said, stood } = ask(command);
    expect([code, stood]).toEqual([77, '']);
    expect(said).toMatchSnapshot();
  });

  it.each([
    ['without a permission', undefined],
    ['with an empty one', ''],
    ['after its end', permitText({ role: 'standby', token: 7, holder: 'mn1' }, 0)],
    ['when hamnd knows nothing', permitText(undefined, later())],
    ['on the primary', permitText({ role: 'primary', token: 7, holder: 'mn2' }, later())],
    ['when hamnd is unsure', permitText({ role: 'unsure', token: 7, holder: 'mn1' }, later())],
    ['from another one than the holder', permitText({ role: 'standby', token: 7, holder: 'mn2' }, later())],
  ])('%s', (_what, text) => {
    rmSync(join(folder, 'permit'));
    if (text !== undefined) permit(text);
    const { code, said, stood } = ask(`hamn-sync 7 complete ${push}`);
    expect([code, stood]).toEqual([77, '']);
    expect(
      said.replaceAll(folder, 'FOLDER').replaceAll(/permit: '[\d.]+ /g, "permit: 'UNTIL "),
    ).toMatchSnapshot();
  });

  it.each(['origin', 'complete'])('an origin where this node is %s', (word) => {
    writeFileSync(standing(), `${word}\n`);
    expect(ask(`hamn-sync 7 origin ${push}`)).toMatchObject({
      code: 77,
      stood: word,
      said: expect.stringContaining('hamnctl sync adopt'),
    });
  });

  it.each([
    ['is empty', ''],
    ['has zeros only', '\0\0\0'],
    ['has another word', 'compl'],
  ])('an origin where the file of the standing %s, with the remedy', (_what, content) => {
    writeFileSync(standing(), content);
    const { code, said } = ask(`hamn-sync 7 origin ${push}`);
    expect(code).toBe(77);
    expect(said).toContain(`${standing()} here cannot be read`);
    expect(said).toMatch(/hamnctl sync adopt.*rm /);
    expect(readFileSync(standing(), 'utf8')).toBe(content);
  });
});

describe('the file of the standing', () => {
  it.each(['', '\0\0\0', 'compl'])('that was lost with the power (%j) stops no complete copy', (content) => {
    writeFileSync(standing(), content);
    expect(ask(`hamn-sync 7 complete ${push}`)).toMatchObject({ code: 0, stood: 'receiving' });
    expect(ask('hamn-sync 7 complete level 0a')).toMatchObject({ code: 0, stood: 'complete\n0a' });
  });
  it('is not written where it is the same', () => {
    ask('hamn-sync 7 complete level 0a');
    const { ino, mtimeMs } = statSync(standing());
    ask('hamn-sync 7 complete level 0a');
    ask(`hamn-sync 7 complete ${push}`);
    expect(statSync(standing())).toMatchObject({ ino, mtimeMs });
  });
  it('is on the disk before it counts', () => {
    const log = join(folder, 'synced');
    for (const name of ['sync', 'mv'])
      writeFileSync(
        join(folder, 'bin', name),
        `#!/bin/sh\necho "${name} $*" >>${log}\nexec /usr/bin/${name} "$@"\n`,
        { mode: 0o755 },
      );
    expect(ask('hamn-sync 7 complete level 0a').code).toBe(0);
    expect(readFileSync(log, 'utf8').replaceAll(folder, '')).toBe(
      'sync /standing.new\nmv -f /standing.new /standing\nsync \n',
    );
  });
});
