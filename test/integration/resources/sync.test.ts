import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySettings, settingsOf } from '../../cluster/settings.ts';
import { machineOf } from '../../lab/index.ts';
import { makeCalls } from '../https-calls.ts';
import { bringUp, cluster, hamnctl, lab, roles, sh, until } from '../whole-cluster.ts';

/** Files that follow the role, on the whole product: real ssh and rsync between the nodes. How fast it is, `npm run bench -- sync` measures. */
const folder = '/srv/lab-sync';
let before = '';

const resources = `    resources:
      files:
        kind: sync
        paths: [${folder}/tree, ${folder}/single.conf, "${folder}/keys/id*"]
        monitorEvery: 2s
`;

beforeAll(async () => {
  await bringUp();
  const { primary, standby } = await roles();
  await sh(
    primary,
    `mkdir -p ${folder}/tree/ca ${folder}/keys; cd ${folder}; echo one > single.conf; echo secret > tree/ca/key; chmod 600 tree/ca/key; chown 1234:4321 tree/ca/key; setfacl -m u:77:r tree/ca/key; setfattr -n user.made -v x tree/ca/key; ln tree/ca/key tree/same; ln -s /nowhere tree/link; echo k > keys/id_rsa; echo primary > keys/config; echo primary > tree/authorized_keys; for i in $(seq 2000); do echo $i > tree/f$i; done`,
  );
  await sh(
    standby,
    `mkdir -p ${folder}/tree; echo standby > ${folder}/tree/authorized_keys; echo stale > ${folder}/tree/stale`,
  );
  before = await settingsOf(cluster, primary);
  await applySettings(cluster, primary, `${before}${resources}`);
});
afterAll(async () => {
  const { primary } = await roles();
  if ((await settingsOf(cluster, primary)) !== before) await applySettings(cluster, primary, before);
  for (const node of cluster.options.data)
    await sh(node, `rm -rf ${folder} /root/forged /var/lib/hamn/sync/*.standing`, 30_000);
  await lab.down();
});

/** Everything but what each node keeps as its own, and the sizes of folders, which tell of the past, as one text: names, types, modes, owners, links, sizes, times, ACLs, attributes, contents. */
const tree = async (node: string): Promise<string> => {
  const format = (size: string): string => `-printf '%p %y %m %U:%G %n ${size} %T@ %l\\n'`;
  const find = `find tree single.conf keys/id_rsa ! -name authorized_keys \\( -type d ${format('-')} -o ${format('%s')} \\) | sort`;
  const facts = `getfacl -R -n -p tree | grep -v authorized; getfattr -R -h -d tree | sort; find tree -type f ! -name authorized_keys | sort | xargs cat | md5sum`;
  return (await sh(node, `cd ${folder} && { ${find}; ${facts}; } | md5sum; ls tree | wc -l`, 60_000)).stdout;
};
const level = async (from: string, to: string, limitMs = 60_000): Promise<void> => {
  const seen = await until(/^same/, limitMs, async () => {
    const [a, b] = await Promise.all([tree(from), tree(to)]);
    return a === b && a !== '' ? 'same' : `${a}\n${b}`;
  });
  expect(seen).toBe('same');
};
const said = async (node: string, command: string): Promise<string> =>
  (await sh(node, command, 30_000)).stdout.trim();
const shown = async (node: string): Promise<string> => (await hamnctl(node, 'resources')).stdout;
const metric = async (node: string, name: string): Promise<string | undefined> => {
  const at = { host: machineOf(node).ipv4, port: 7443, path: '/metrics', as: '/etc/hamn/tls' };
  const text = (await makeCalls(node, [{ what: 'metrics', ...at }])).get('metrics')?.text ?? '';
  return new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1];
};

/** As a sender does it, with the node's own key, but under this token. */
const push = async (from: string, to: string, token: string, file: string): Promise<string> => {
  const ssh = 'ssh -F /dev/null -l root -p 7444 -i /var/lib/hamn/sync/key -o StrictHostKeyChecking=no';
  const quiet = '-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes';
  const rsync = `rsync --relative --no-implied-dirs --timeout=10 -e '${ssh} ${quiet}' --rsync-path='hamn-sync ${token} complete'`;
  const target = `${machineOf(to).ipv4}::files/`;
  return said(
    from,
    `mkdir -p /root/forged && cd /root/forged && mkdir -p .${folder}/tree && echo forged > .${file} && ${rsync} .${file} ${target} 2>&1; echo "exit $?"`,
  );
};
const tokenOf = (primary: string): Promise<string> =>
  said(primary, `grep -o '"token":[0-9]*' /run/hamn/sync/mn-files/plan.json | cut -d: -f2`);

describe('file sync', () => {
  it('makes the standby’s files those of the primary, in every respect, and leaves its own alone', async () => {
    const { primary, standby } = await roles();
    await level(primary, standby);
    expect(await said(standby, `cat ${folder}/tree/authorized_keys`)).toBe('standby');
    expect(await said(standby, `ls ${folder}/keys`)).toBe('id_rsa');
    expect(await said(standby, `stat -c '%h %a %u' ${folder}/tree/same`)).toBe('2 640 1234');
    const promoted = /files +sync, all +promoted/;
    expect(await until(promoted, 30_000, () => shown(primary))).toMatch(promoted);
    const isLevel = new RegExp(`${standby} +level`);
    expect(await until(isLevel, 30_000, async () => (await hamnctl(primary, 'sync')).stdout)).toMatch(
      isLevel,
    );
    expect((await hamnctl(standby, 'sync')).stdout).toContain(`${primary} is primary and sends`);
    expect(await metric(primary, 'hamn_sync_level')).toBe('1');
    expect(await metric(primary, 'hamn_sync_backlog_files')).toBe('0');
  });

  it('sends a change, a thousand new files and their end', async () => {
    const { primary, standby } = await roles();
    await sh(
      primary,
      `echo two > ${folder}/single.conf.new; mv ${folder}/single.conf.new ${folder}/single.conf`,
    );
    expect(await until(/two/, 20_000, () => said(standby, `cat ${folder}/single.conf`))).toBe('two');
    await sh(
      primary,
      `mkdir ${folder}/tree/many; cd ${folder}/tree/many; for i in $(seq 1000); do echo $i > $i; done`,
    );
    expect(await until(/^1000$/, 40_000, () => said(standby, `ls ${folder}/tree/many | wc -l`))).toBe('1000');
    await sh(primary, `rm -r ${folder}/tree/many`);
    await level(primary, standby);
  });

  it('refuses at the receiver what an older term pushes, and mends what somebody wrote there', async () => {
    const { primary, standby } = await roles();
    await level(primary, standby);
    const token = await tokenOf(primary);
    expect(await push(primary, standby, String(Number(token) - 1), `${folder}/tree/old`)).toMatch(
      /hamn refuses this push: .* is newer\.[\s\S]*exit [1-9]/,
    );
    expect(await push(primary, standby, token, '/etc/passwd')).toMatch(/exit [1-9]/);
    expect(await said(standby, `cat ${folder}/tree/old /etc/passwd | grep -c forged`)).toBe('0');
    // The same with the token of the present term goes through: it was the token that the other one lacked.
    expect(await push(primary, standby, token, `${folder}/tree/stray`)).toMatch(/exit 0$/);
    expect(await said(standby, `cat ${folder}/tree/stray`)).toBe('forged');
    const diff = await hamnctl(primary, 'sync', 'diff');
    expect(diff.stdout).toContain('tree/stray');
    expect(diff.code).not.toBe(0);
    expect(await hamnctl(primary, 'sync', 'now')).toMatchObject({ code: 0 });
    await level(primary, standby);
    expect((await hamnctl(primary, 'sync', 'diff')).stdout).toContain('as they are here');
    expect(Number(await metric(primary, 'hamn_sync_drift_files'))).toBeGreaterThan(0);
    const shell = `ssh -F /dev/null -l root -p 7444 -i /var/lib/hamn/sync/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes ${machineOf(standby).ipv4} id 2>&1; echo "exit $?"`;
    expect(await said(primary, shell)).toMatch(/for the file sync of hamn only\.\s*exit 77/);
  });

  it('leaves whole files only when the primary dies in the middle, and turns round', async () => {
    const { primary, standby } = await roles();
    await level(primary, standby);
    const token = await tokenOf(primary);
    const writer = `cd ${folder}/tree; n=0; while :; do head -c 3000000 /dev/zero | tr '\\0' $((n % 10)) > .big; mv .big big$((n % 5)); n=$((n+1)); done`;
    await lab.writeFile(primary, '/root/writer', writer, 0o755);
    const writing = sh(primary, 'timeout 120 sh /root/writer', 130_000).catch(() => undefined);
    const bigs = (): Promise<string> => said(standby, `ls ${folder}/tree | grep big`);
    expect(await until(/big4/, 60_000, bigs)).toContain('big4');
    await lab.powerOff(primary);
    await writing;
    await until(new RegExp(`^${standby}$`), 60_000, async () => (await cluster.primary(standby)) ?? '');
    const kinds = `cd ${folder}/tree; for f in big?; do echo "$(stat -c %s $f) $(fold -w1 < $f | sort -u | wc -l)"; done | sort -u`;
    expect(await said(standby, kinds)).toBe('3000000 1');
    await sh(standby, `echo three > ${folder}/single.conf; rm ${folder}/tree/f7`);
    await lab.powerOn(primary);
    expect((await cluster.healthy(120_000)).primary?.node).toBe(standby);
    expect(await push(primary, standby, token, `${folder}/tree/f8`)).toMatch(
      /hamn refuses this push: this node is no standby now|Connection refused/,
    );
    await level(standby, primary);
    expect(await said(standby, `cat ${folder}/tree/f8`)).toBe('8');
    expect(
      await said(primary, `cat ${folder}/single.conf; ls ${folder}/tree/f7 2>&1 | grep -c 'No such'`),
    ).toBe('three\n1');
    expect(await said(primary, `cat ${folder}/tree/authorized_keys`)).toBe('primary');
  });

  it('makes a standby that was away level again', async () => {
    const { primary, standby } = await roles();
    await level(primary, standby);
    await lab.powerOff(standby);
    await sh(primary, `cd ${folder}/tree; for i in $(seq 500); do echo new > n$i; rm f$((i+100)); done`);
    await lab.powerOn(standby);
    await level(primary, standby, 120_000);
    expect(await said(standby, `ls ${folder}/tree/n500 ${folder}/tree/f150 2>/dev/null`)).toBe(
      `${folder}/tree/n500`,
    );
  });

  it('ends when it is taken out of the settings, and the files stay', async () => {
    const { primary, standby } = await roles();
    await applySettings(cluster, primary, before);
    for (const node of [primary, standby]) {
      const left = 'pgrep -cf /run/hamn/sync/mn-[f]iles';
      expect(await until(/^0$/, 30_000, () => said(node, left))).toBe('0');
      expect(await said(node, `cat ${folder}/single.conf`)).toBe('three');
    }
  });
});
