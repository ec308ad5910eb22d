import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RootCrontab, withoutXcatEntries, xcatEntriesOf } from './crontab.ts';

const entry =
  "*/3 * * * * XCATROOT=/opt/xcat PATH=/bin XCATCFG='Pg:dbname=xcatdb;host=10.0.0.1|xcatadm|secret' /opt/xcat/bin/nodestat all -m -u -q\n";
const others =
  '# DO NOT EDIT\nMAILTO=root\n\n0 4 * * * /opt/xcat/bin/nodestat all -m -u -q\n#*/3 * * * * XCATROOT=/opt/xcat XCATCFG=x off\n30 2 * * * tar cf /backup \xe4 # kept\n';

describe('entries of xCAT’s monitoring', () => {
  it.each([
    ['between others', others.replace('\n\n', `\n\n${entry}`), others, 1],
    ['more than once', entry + others + entry, others, 2],
    ['without a line’s end', others + entry.trimEnd(), others, 1],
    ['alone', entry, '', 1],
    ['with a tab before the environment', entry.replace(' XCATROOT', '\tXCATROOT'), '', 1],
  ])('%s are taken out, and nothing else', (_name, text, left, count) => {
    expect(xcatEntriesOf(text)).toBe(count);
    expect(withoutXcatEntries(text)).toBe(left);
  });

  it('are none where an admin runs the same program, or commented one out', () => {
    expect(xcatEntriesOf(others)).toBe(0);
    expect(withoutXcatEntries(others)).toBe(others);
  });
});

describe('root’s crontab', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hamn-crontab-'));
    file = join(folder, 'root');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const crontab = (): RootCrontab => new RootCrontab([join(folder, 'missing', 'root'), file]);

  it('that does not exist is clean', async () => {
    expect(await crontab().observe()).toMatchObject({ ok: true, value: { xcatEntries: 0 } });
    expect(await crontab().clean()).toMatchObject({ ok: true });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is exchanged with its mode, byte for byte the same otherwise, and nothing is left beside it', async () => {
    writeFileSync(file, others + entry, 'latin1');
    chmodSync(file, 0o640);
    const port = crontab();
    const before = statSync(file).ino;
    expect(await port.observe()).toMatchObject({ ok: true, value: { xcatEntries: 1 } });
    expect(await port.clean()).toMatchObject({ ok: true });
    expect(await port.observe()).toMatchObject({ ok: true, value: { xcatEntries: 0 } });
    expect(readFileSync(file, 'latin1')).toBe(others);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(statSync(file).ino).not.toBe(before);
    expect(readdirSync(folder)).toEqual(['root']);
  });

  it('is seen anew when it was changed', async () => {
    writeFileSync(file, others, 'latin1');
    const port = crontab();
    expect(await port.observe()).toMatchObject({ value: { xcatEntries: 0 } });
    writeFileSync(file, others + entry, 'latin1');
    expect(await port.observe()).toMatchObject({ value: { xcatEntries: 1 } });
  });

  it('that is clean is left alone', async () => {
    writeFileSync(file, others, 'latin1');
    const before = statSync(file).ino;
    expect(await crontab().clean()).toMatchObject({ ok: true });
    expect(statSync(file).ino).toBe(before);
  });

  it('that cannot be read is a failure which names it, and not the password', async () => {
    rmSync(file, { force: true });
    const port = new RootCrontab([folder]);
    const said = await port.observe();
    expect(said.ok ? '' : said.error.message).toContain(`${folder} cannot be searched`);
  });
});
