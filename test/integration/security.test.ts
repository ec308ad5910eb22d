import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineOf } from '../lab/index.ts';
import { type Call, makeCalls, type Said } from './https-calls.ts';
import { bringUp, cluster, hamnctl, lab, type Roles, roles, sh, until } from './whole-cluster.ts';

/** Who may do what, seen from outside; and that no secret comes to light. docs/security.md is what is tested here. */
const nodes = ['mn1', 'mn2', 'wit1'];
/** Nothing else in the lab has this text. */
const secret = 'Planted-4f9c2e';
let now: Roles;

beforeAll(async () => {
  await bringUp();
  now = await roles();
});
afterAll(() => lab.down());

const must = async (node: string, command: string, timeoutMs = 30_000): Promise<string> =>
  lab.mustExec(node, ['sh', '-c', command], { timeoutMs });

/** Certificates that the cluster must not take for a node's, made on mn1 and brought to `node`. */
async function strangers(node: string): Promise<void> {
  await must(
    'mn1',
    `rm -rf /root/strangers /root/foreign-ca; mkdir -p -m 700 /root/strangers
    hamnctl certs ca --dir /root/foreign-ca
    hamnctl certs node mn1 --address 10.99.0.99 --dir /root/foreign-ca --out /root/strangers/foreign
    hamnctl certs node intruder --address 10.99.0.99 --dir /etc/hamn/ca --out /root/strangers/intruder
    mkdir -m 700 /root/strangers/expired && cd /root/strangers/expired
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mn1 -keyout node.key -out node.csr
    openssl x509 -req -in node.csr -CA /etc/hamn/ca/ca.crt -CAkey /etc/hamn/ca/ca.key -set_serial 7 -days -1 -out node.crt`,
    60_000,
  );
  if (node === 'mn1') return;
  const packed = await must('mn1', 'tar -C /root -czf - strangers | base64 -w0');
  await lab.mustExec(node, ['sh', '-c', 'base64 -d | tar -C /root -xzf -'], {
    input: packed,
    timeoutMs: 10_000,
  });
}

describe('the HTTPS port', () => {
  let said: ReadonlyMap<string, Said>;
  beforeAll(async () => {
    await strangers(now.standby);
    const token = (await cluster.status(now.standby))?.term?.token ?? 0;
    const at = { host: machineOf(now.primary).ipv4, port: 7443 };
    const own = '/etc/hamn/tls';
    const foreign = '/root/strangers/foreign';
    const expired = '/root/strangers/expired';
    const intruder = '/root/strangers/intruder';
    const switchover = JSON.stringify({ kind: 'switchover', to: now.standby, by: 'nobody', lifeMs: 60_000 });
    const promise = JSON.stringify({ group: 'mn', token, round: 'r', termMs: 3000, invitation: false });
    const calls: readonly Call[] = [
      { what: 'node reads status', ...at, path: '/status', as: own },
      { what: 'node reads metrics', ...at, path: '/metrics', as: own },
      {
        what: 'node asks for a switchover',
        ...at,
        path: '/requests',
        method: 'POST',
        body: switchover,
        as: own,
      },
      { what: 'anybody asks for health', ...at, path: '/healthz' },
      { what: 'anybody asks for the primary', ...at, path: '/primary' },
      { what: 'anybody reads status', ...at, path: '/status' },
      { what: 'anybody reads metrics', ...at, path: '/metrics' },
      { what: 'anybody asks for a switchover', ...at, path: '/requests', method: 'POST', body: switchover },
      { what: 'anybody asks a member', ...at, path: '/peer/v1/member' },
      { what: 'foreign reads status', ...at, path: '/status', as: foreign },
      {
        what: 'foreign asks a promise',
        ...at,
        path: '/peer/v1/promise',
        method: 'POST',
        body: promise,
        as: foreign,
      },
      { what: 'expired reads status', ...at, path: '/status', as: expired },
      {
        what: 'expired asks a promise',
        ...at,
        path: '/peer/v1/promise',
        method: 'POST',
        body: promise,
        as: expired,
      },
      {
        ...at,
        what: 'intruder asks a promise of the standby',
        host: machineOf(now.standby).ipv4,
        path: '/peer/v1/promise',
        method: 'POST',
        body: promise,
        as: intruder,
      },
      { what: 'TLS 1.1', ...at, path: '/healthz', tls: 'TLSv1.1' },
      { what: 'TLS 1.2', ...at, path: '/healthz', tls: 'TLSv1.2' },
      { what: 'plain HTTP', ...at, path: '/healthz', tls: 'none' },
    ];
    said = await makeCalls(now.standby, calls);
  }, 180_000);

  it.each([
    ['node reads status', 200],
    ['node reads metrics', 200],
    ['node asks for a switchover', 405],
    ['anybody asks for health', 200],
    ['anybody asks for the primary', 200],
    ['anybody reads status', 401],
    ['anybody reads metrics', 401],
    ['anybody asks for a switchover', 401],
    ['anybody asks a member', 401],
    ['foreign reads status', 401],
    ['foreign asks a promise', 401],
    ['expired reads status', 401],
    ['expired asks a promise', 401],
    ['TLS 1.1', 0],
    ['TLS 1.2', 0],
    ['plain HTTP', 0],
  ])('%s: %d', (what, status) => {
    expect(said.get(what)).toMatchObject({ status });
  });

  it('gives no promise to a certificate that is not the holder’s', () => {
    const { status, text } = said.get('intruder asks a promise of the standby') ?? { status: -1, text: '' };
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ yes: false });
    expect(text).toContain('intruder');
  });

  it('has moved nothing', async () => {
    expect((await roles()).primary).toBe(now.primary);
  });
});

describe('etcd', () => {
  it.each([
    ['no certificate', ''],
    [
      "another CA's certificate",
      '--cert /root/strangers/foreign/node.crt --key /root/strangers/foreign/node.key',
    ],
  ])('answers nobody with %s', async (_what, flags) => {
    const endpoint = `https://${machineOf(now.primary).ipv4}:2379`;
    const base = `ETCDCTL_API=3 etcdctl --endpoints ${endpoint} --cacert /etc/hamn/tls/ca.crt --dial-timeout 2s --command-timeout 4s`;
    const asked = await sh(now.standby, `${base} ${flags} get --prefix /hamn --keys-only`, 20_000);
    expect(asked.code).not.toBe(0);
    expect(asked.stdout).not.toContain('/hamn');
  });
});

describe('the sockets', () => {
  it.each(['hamnd.sock', 'guard.sock'])('%s is root’s, and refuses another user', async (name) => {
    const path = `/run/hamn/${name}`;
    expect((await must(now.primary, `stat -c '%a %U %G' ${path}`)).trim()).toBe('600 root root');
    const dial = `require('net').connect('${path}').on('connect', () => process.exit(7)).on('error', (e) => { console.log(e.code); process.exit(3); })`;
    const asked = await lab.exec(
      now.primary,
      ['runuser', '-u', 'postgres', '--', '/usr/lib/hamn/node', '-e', dial],
      { timeoutMs: 20_000 },
    );
    expect([asked.code, asked.stdout.trim()]).toEqual([3, 'EACCES']);
  });
});

describe('the daemons', () => {
  it.each([
    ['hamnd', 5.5, 10],
    ['hamn-guard', 4.5, 5],
  ])('%s keeps what it uses and no more', async (unit, exposure, capabilities) => {
    const said = await must(now.primary, `systemd-analyze security --no-pager ${unit}.service`);
    const figure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
    expect(figure).toBeLessThanOrEqual(exposure);
    const status = await must(
      now.primary,
      `p=$(systemctl show -p MainPID --value ${unit}); cat /proc/$p/status; grep core /proc/$p/limits`,
    );
    const bits = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? 'ffff'}`).toString(2);
    expect([...bits].filter((bit) => bit === '1').length).toBeLessThanOrEqual(capabilities);
    expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
    expect(status).toMatch(/^Seccomp:\s*2$/m);
    expect(status).toMatch(/Max core file size\s+0\s+0/);
  });

  it('opens no debugger when somebody sends SIGUSR1', async () => {
    const before = await must(now.standby, 'systemctl show -p MainPID --value hamnd');
    await must(now.standby, `kill -USR1 ${before.trim()}`);
    const after = async (): Promise<string> =>
      must(now.standby, 'ss -Htln; systemctl show -p MainPID --value hamnd');
    expect(await until(/:7443\b/, 20_000, after)).not.toContain(':9229');
  });
});

describe('secrets', () => {
  /** Where each may stand; nowhere else. */
  const places: Readonly<Record<string, readonly string[]>> = {
    [secret]: ['/etc/hamn/postgres.password', '/var/lib/hamn/postgres/pgpass'],
    'lab-xcatadm': ['/etc/xcat/cfgloc'],
  };
  const keyOf = async (node: string, path: string): Promise<string> =>
    (await must(node, `sed -n 2p ${path} 2>/dev/null || true`)).trim();

  /** Everything that anybody can see of the processes, a while long. */
  const watchCommands =
    'for n in $(seq 150); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; echo; sleep 0.1; done >/run/commands-seen';

  beforeAll(async () => {
    // A password of hamn's role that is easily found again, used for everything that uses it: sessions, replication, a clone.
    // From a file: the journal keeps the command lines of those who log, and runuser does.
    await lab.writeFile(now.primary, '/run/role.sql', `alter role hamn password '${secret}';\n`, 0o644);
    await must(now.primary, 'runuser -u postgres -- psql -qAtX -d xcatdb -f /run/role.sql; rm /run/role.sql');
    for (const node of cluster.options.data)
      await lab.writeFile(node, '/etc/hamn/postgres.password', `${secret}\n`, 0o600);
    const watched = cluster.options.data.map((node) => sh(node, watchCommands, 60_000));
    // One after the other: two that start at once on a busy host may cost the term, and the roles.
    for (const node of cluster.options.data) {
      await sh(node, 'systemctl restart hamnd', 60_000);
      await roles();
    }
    expect(await hamnctl(now.primary, 'reinit', now.standby, '--yes')).toMatchObject({ code: 0 });
    await Promise.all(watched);
    await roles();
    // What goes wrong must not tell it either: a role that may not, and a password that is not the one.
    await lab.writeFile(now.standby, '/etc/hamn/postgres.password', `${secret}-wrong\n`, 0o600);
    await sh(now.standby, 'systemctl restart hamnd', 60_000);
    await until(/password/, 30_000, async () => (await hamnctl(now.standby, 'status')).stdout);
    await lab.writeFile(now.standby, '/etc/hamn/postgres.password', `${secret}\n`, 0o600);
    await sh(now.standby, 'systemctl restart hamnd', 60_000);
    await roles();
  }, 300_000);

  it.each(nodes)('of %s come to light nowhere', async (node) => {
    const metrics = await makeCalls(node, [
      { what: 'metrics', host: machineOf(node).ipv4, port: 7443, path: '/metrics', as: '/etc/hamn/tls' },
      { what: 'status', host: machineOf(node).ipv4, port: 7443, path: '/status', as: '/etc/hamn/tls' },
      { what: 'explain', host: machineOf(node).ipv4, port: 7443, path: '/explain', as: '/etc/hamn/tls' },
    ]);
    const etcd = `ETCDCTL_API=3 etcdctl --endpoints https://${machineOf(node).ipv4}:2379 --cacert /etc/hamn/tls/ca.crt --cert /etc/hamn/tls/node.crt --key /etc/hamn/tls/node.key`;
    const shown = [
      ...[...metrics.values()].map(({ text }) => text),
      await must(node, 'journalctl -o export --no-pager --all', 60_000),
      await must(node, `${etcd} get --prefix ''`),
      await must(node, 'cat /run/commands-seen 2>/dev/null || true'),
      (await hamnctl(node, 'status', '--json')).stdout,
      (await hamnctl(node, 'explain', '--json')).stdout,
      (await hamnctl(node, 'events', '--json')).stdout,
      (await hamnctl(node, 'history', '--json')).stdout,
      (await hamnctl(node, 'doctor')).stdout,
      (await hamnctl(node, 'config', 'show')).stdout,
    ];
    const keys = [await keyOf(node, '/etc/hamn/tls/node.key'), await keyOf(node, '/etc/hamn/ca/ca.key')];
    for (const text of [...Object.keys(places), ...keys.filter((line) => line !== '')])
      expect(shown.filter((one) => one.includes(text))).toEqual([]);
    // The journal has what hamnd said, or this has shown nothing.
    expect(shown.join('\n')).toContain('decision');
  });

  it.each(nodes)('of %s stand where they must, and only their owner reads them', async (node) => {
    for (const [text, allowed] of Object.entries(places)) {
      const found = await sh(
        node,
        `grep -rlFs -- '${text}' /etc /run/hamn /var/lib/hamn /var/cache /var/log /tmp /var/tmp`,
        60_000,
      );
      const files = found.stdout.split('\n').filter((file) => file !== '');
      expect(files.filter((file) => !allowed.includes(file) && !file.startsWith('/etc/shadow'))).toEqual([]);
    }
    const open = await must(
      node,
      'find /etc/hamn/tls /etc/hamn/ca /etc/hamn/postgres.password /var/lib/hamn /run/hamn /var/cache/hamn -type f -perm /o=r 2>/dev/null || true',
    );
    expect(open).toBe('');
  });
});
