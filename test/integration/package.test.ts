import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/index.ts';

/** The package on a machine without Node: installed, upgraded, refused to a primary, removed and purged without a trace. */
const lab = new Lab({ name: 'hamnlab-package' });
const root = join(import.meta.dirname, '..', '..');

const sh = (command: string): ReturnType<Lab['exec']> =>
  lab.exec('mn1', ['sh', '-c', command], { timeoutMs: 60_000 });
const out = async (command: string): Promise<string> => (await sh(command)).stdout.trim();
const status = (): Promise<string> => out("dpkg-query -W -f '${db:Status-Status}' hamn 2>/dev/null");

const traces = (): Promise<string> =>
  out(
    "find / -xdev \\( -path /proc -o -path /sys -o -path /var/log \\) -prune -o \\( -name 'hamn*' -o -name '*50-hamn*' \\) -print | grep -v -e '^/root/' -e zoneinfo; ls -d /run/hamn /run/systemd/system/*.d 2>/dev/null",
  );

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'deploy', 'package.ts')], {
    stdio: 'inherit',
    timeout: 120_000,
  });
  const deb = readdirSync(join(root, 'dist')).find((name) => name.endsWith('.deb'));
  if (deb === undefined) throw new Error('deploy/package.ts left no .deb in dist/.');
  await lab.up(['mn1'], { fresh: true });
  await lab.copyIn('mn1', join(root, 'dist', deb), '/root/hamn.deb');
});
afterAll(() => lab.down({ wipe: true }));

describe('the package', () => {
  it('installs on a machine without Node, and starts nothing before it is configured', async () => {
    expect((await sh('command -v node')).code).not.toBe(0);
    expect(await sh('dpkg -i /root/hamn.deb')).toMatchObject({ code: 0 });
    expect(await status()).toBe('installed');
    expect(await out('/usr/lib/hamn/node --version')).toMatch(/^v24\./);
    await sh('systemctl start hamnd hamn-guard');
    expect(await out('systemctl is-active hamnd hamn-guard')).toBe('inactive\ninactive');
    expect(await out("stat -c '%a %U' /etc/hamn")).toBe('750 root');
  });

  it('has units that systemd understands', async () => {
    const said = await sh('systemd-analyze verify hamnd.service hamn-guard.service 2>&1 | grep hamn');
    expect(said.stdout).toBe('');
  });

  it('loads its packages with machine code from beside the programs', async () => {
    const program =
      "const load = require('node:module').createRequire('/usr/lib/hamn/x.mjs'); load('koffi'); load('netlink'); console.log('loaded')";
    expect(await out(`/usr/lib/hamn/node -e "${program}"`)).toBe('loaded');
  });

  it('is installed over itself', async () => {
    expect(await sh('dpkg -i /root/hamn.deb')).toMatchObject({ code: 0, stderr: '' });
    expect(await status()).toBe('installed');
  });

  it('refuses to leave a primary', async () => {
    await sh(`mkdir -p /run/hamn; awk '{print $1 + 60.5, 17}' /proc/uptime > /run/hamn/term-deadline`);
    const said = await sh('dpkg -r hamn');
    expect(said.code).not.toBe(0);
    expect(said.stderr).toContain('this node is the primary');
    expect(said.stderr).toContain('hamnctl switchover');
    expect(await status()).toBe('installed');
  });

  it('gives the units back when it is removed, and leaves nothing when it is purged', async () => {
    await sh('echo "1.5 17" > /run/hamn/term-deadline');
    await sh('mkdir -p /run/systemd/system/cron.service.d /etc/systemd/system/cron.service.d');
    await sh(
      'echo "[Service]" | tee /run/systemd/system/cron.service.d/50-hamn.conf /etc/systemd/system/cron.service.d/50-hamn-gate.conf',
    );
    await sh('mkdir -p /var/lib/hamn; touch /etc/hamn/hamn.yaml /var/lib/hamn/record');
    const removed = await sh('dpkg -r hamn');
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.stdout).toContain('removed /etc/systemd/system/cron.service.d/50-hamn-gate.conf');
    expect(await out('cat /etc/hamn/hamn.yaml && echo kept')).toBe('kept');
    expect(await sh('dpkg -P hamn')).toMatchObject({ code: 0 });
    expect(await traces()).toBe('');
    expect(await out('systemctl is-system-running')).toBe('running');
  });
});
