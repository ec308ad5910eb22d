import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ClusterSettings,
  groupSettings,
  type NodeFile,
  readClusterSettings,
  readNodeFile,
} from '@hamn/config';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../program.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { checkClock } from './checks/clock.ts';
import { checkPostgres } from './checks/postgres.ts';
import { checkReplication } from './checks/replication.ts';
import { checkSockets } from './checks/sockets.ts';
import { checkUnits } from './checks/units.ts';
import { broken, doubtful, type Finding, well } from './finding.ts';
import type { Patient } from './patient.ts';
import { renderFindings } from './render.ts';
import { type CommandResult, type RunCommand, runCommand } from './run-command.ts';

const clusterText = `version: 1
nodes: {mn1: {address: 10.0.0.1}, mn2: {address: 10.0.0.2}, wit1: {address: 10.0.0.3, role: witness}}
groups: {mn: {postgres: {version: 15}, services: [{name: xcatd}, {name: dhcpd, unit: isc-dhcp-server.service}]}}
`;

function file(): NodeFile {
  const read = readNodeFile(
    'cluster: lab\nnode: mn1\naddress: 10.0.0.1\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n',
    'n',
  );
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function cluster(): ClusterSettings {
  const read = readClusterSettings(clusterText, 'c');
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** Programs that answer what the test says; others cannot be started. */
const programs =
  (answers: Readonly<Record<string, Partial<CommandResult>>>): RunCommand =>
  (program, args) =>
    Promise.resolve({ code: undefined, stdout: '', stderr: '', ...answers[[program, ...args].join(' ')] });

const patient = (run: RunCommand): Patient => ({
  file: file(),
  configPath: '/etc/hamn/hamn.yaml',
  socket: '/s',
  group: 'mn',
  view: undefined,
  cluster: cluster(),
  settings: groupSettings(cluster(), 'lab', 'mn'),
  version: '0.1.0',
  wallMs: 0,
  run,
});

const texts = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ level, what }) => `${level}: ${what}`);

describe('the doctor', () => {
  it('finds units that start at boot, do not, or are unknown', async () => {
    const run = programs({
      'systemctl is-enabled hamn-guard.service': { code: 0, stdout: 'enabled\n' },
      'systemctl is-enabled hamnd.service': { code: 1, stdout: 'disabled\n' },
      'systemctl is-enabled postgresql@15-main.service': { code: 0, stdout: 'enabled-runtime\n' },
      'systemctl is-enabled xcatd.service': { code: 1, stdout: 'disabled\n' },
      'systemctl is-enabled isc-dhcp-server.service': { code: 1, stderr: 'No such file or directory\n' },
    });
    const findings = await checkUnits(patient(run));
    expect(texts(findings)).toEqual([
      'ok: hamn-guard.service starts at boot.',
      'warning: hamnd.service does not start at boot (disabled).',
      'warning: postgresql@15-main.service starts at boot by itself (enabled-runtime).',
      'ok: xcatd.service does not start at boot (disabled).',
      'error: systemd knows no unit isc-dhcp-server.service.',
    ]);
    expect(findings[2]?.mend).toBe('systemctl disable postgresql@15-main.service postgresql.service');
  });

  it.each([
    [{ state: 'off' }, 'ok: No watchdog is used (HAMN_GUARD_WATCHDOG is off).'],
    [undefined, 'ok: No watchdog is used (HAMN_GUARD_WATCHDOG is off).'],
    [
      { state: 'active', identity: 'Software Watchdog' },
      'ok: The watchdog Software Watchdog resets this machine when hamn-guard cannot make it harmless.',
    ],
    [
      { state: 'missing', required: false, reason: 'There is none.' },
      'warning: No watchdog guards this node: There is none.',
    ],
    [
      { state: 'missing', required: true, reason: 'There is none.' },
      'error: No watchdog guards this node: There is none.',
    ],
  ])('says what the guard tells of its watchdog: %j', async (watchdog, text) => {
    const directory = mkdtempSync(join(tmpdir(), 'hamn-doctor-'));
    const path = join(directory, 'guard.sock');
    const guard = createServer((socket) => {
      socket.write('{"notice":"acted","act":{}}\n');
      socket.write(`${JSON.stringify({ id: 1, ok: true, view: { state: 'armed', watchdog } })}\n`);
    });
    await new Promise<void>((resolve) => guard.listen(path, resolve));
    const asked = patient(programs({}));
    const findings = await checkSockets({ ...asked, file: { ...asked.file, guardSocket: path } });
    guard.close();
    rmSync(directory, { recursive: true });
    expect(texts(findings).slice(1)).toEqual(['ok: hamn-guard answers (armed).', text]);
  });

  it('gives the line that pg_hba.conf lacks', async () => {
    const psql =
      '/usr/lib/postgresql/15/bin/psql -X -w -At -d host=10.0.0.2 port=5432 user=hamn dbname=postgres connect_timeout=2';
    const asked = patient(
      programs({
        [`${psql} replication=true -c IDENTIFY_SYSTEM`]: {
          code: 2,
          stderr: 'FATAL:  no pg_hba.conf entry for replication connection',
        },
        [`${psql} -c select 1`]: { code: 0, stdout: '1\n' },
      }),
    );
    const postgres = asked.settings?.postgres;
    if (postgres === undefined) throw new Error('The settings of this test have no database.');
    const [finding] = await checkReplication(asked, postgres, 'secret');
    expect(finding).toEqual({
      level: 'error',
      what: 'mn2 does not let this node replicate from it (pg_hba.conf).',
      why: 'While mn2 is primary this node would have no data.',
      mend: 'On mn2 in pg_hba.conf: host replication hamn 10.0.0.1/32 scram-sha-256; then select pg_reload_conf();',
    });
  });

  it('asks as PostgreSQL’s own user where hamn is not let in, and says why', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hamn-doctor-'));
    writeFileSync(join(directory, 'password'), 'secret\n', { mode: 0o600 });
    writeFileSync(join(directory, 'postmaster.pid'), '1\n/data\n0\n5432\n/run/postgresql\n*\n');
    const report = {
      file: '/etc/hba',
      ssl: 'off',
      encryption: 'scram-sha-256',
      rules: null,
      role: { login: true, superuser: true, replication: true, password: 'scram-sha-256' },
    };
    const asked: (readonly string[])[] = [];
    const run: RunCommand = (program, args) => {
      asked.push([program, ...args]);
      return Promise.resolve(
        program === 'runuser'
          ? { code: 0, stdout: `${JSON.stringify(report)}\n`, stderr: '' }
          : { code: 2, stdout: '', stderr: 'FATAL:  no pg_hba.conf entry for host "127.0.0.1"' },
      );
    };
    const sick = patient(run);
    const { settings } = sick;
    const postgres = settings?.postgres;
    if (settings === undefined || postgres === undefined) throw new Error('This test has no database.');
    const found = await checkPostgres({
      ...sick,
      settings: {
        ...settings,
        postgres: { ...postgres, dataDirectory: directory, passwordFile: join(directory, 'password') },
      },
    });
    rmSync(directory, { recursive: true });
    const whats = found.map(({ what }) => what);
    expect(whats).toContain('No line of /etc/hba lets hamnd on this node (127.0.0.1) log in.');
    expect(whats).toContain('No line of /etc/hba lets mn2 (10.0.0.2) replicate and rewind from this node.');
    expect(whats.join()).not.toContain('does not take hamn over 127.0.0.1');
    const owner = asked.find(([program]) => program === 'runuser');
    expect(owner?.slice(0, 14).join(' ')).toBe(
      'runuser -u postgres -- /usr/lib/postgresql/15/bin/psql -X -w -At -h /run/postgresql -p 5432 -U postgres',
    );
  });

  it.each([
    ['yes\n', '', 'ok'],
    ['no\n', 'Leap status     : Normal\n', 'ok'],
    ['no\n', 'Leap status     : Not synchronised\n', 'warning'],
  ])('reads the clock’s state (%j, %j)', async (timedate, chrony, level) => {
    const run = programs({
      'timedatectl show --property=NTPSynchronized --value': { code: 0, stdout: timedate },
      'chronyc -n tracking': { code: 0, stdout: chrony },
    });
    expect((await checkClock(patient(run)))[0]?.level).toBe(level);
  });

  it('kills a program at its limit, and survives one that is not there', async () => {
    const begun = performance.now();
    expect((await runCommand('sleep', ['10'], { timeoutMs: 50 })).code).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(2000);
    expect((await runCommand('/nonexistent/program', [])).code).toBeUndefined();
    expect((await runCommand('false', [])).code).toBe(1);
  });

  it.each([
    ['doctor', 6, 'There is no file /nonexistent.yaml.'],
    ['doctor disks', 6, 'There is no file /nonexistent.yaml.'],
    ['doctor diskss', 2, "There is no command or option 'diskss' here. Did you mean 'disks'?"],
  ])('%s needs the node file', async (line, code, text) => {
    const io = fakeIo();
    expect(await runProgram([...line.split(' '), '--config', '/nonexistent.yaml'], fakeApp(io))).toBe(code);
    expect(io.written.out + io.written.err).toContain(text);
  });

  it('reports errors first, with why and how to mend', () => {
    const findings = [
      well('hamnd answers.'),
      doubtful(
        'xcatd.service starts at boot by itself (enabled).',
        'hamn starts it.',
        'systemctl disable xcatd.service',
      ),
      broken('There is no interface eth9.', 'This node cannot carry the VIP.', 'Correct it.'),
    ];
    expect(renderFindings(findings, { all: false, width: 80, color: false })).toBe(
      `ERROR    There is no interface eth9.
         This node cannot carry the VIP.
         -> Correct it.
WARNING  xcatd.service starts at boot by itself (enabled).
         hamn starts it.
         -> systemctl disable xcatd.service
1 error, 1 warning, 1 well.`,
    );
    expect(renderFindings(findings, { all: true, width: 80, color: false })).toContain(
      'ok       hamnd answers.',
    );
  });
});
