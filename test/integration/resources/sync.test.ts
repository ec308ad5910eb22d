import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringUp, cluster, hamnctl, lab, roles, sh, until } from '../whole-cluster.ts';

/** Files that follow the role, on the whole product: real ssh and rsync between the nodes. */
const folder = '/srv/lab-sync';
const settingsFile = '/root/sync.yaml';
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
  before = (await hamnctl(primary, 'config', 'show')).stdout;
  await apply(`${before}${resources}`);
});
afterAll(async () => {
  await cluster.healthy(60_000);
  await apply(before);
  for (const node of cluster.options.data) await sh(node, `rm -rf ${folder} /var/lib/hamn/sync`, 30_000);
  await lab.down();
});

async function apply(settings: string): Promise<void> {
  const { primary } = await roles();
  await lab.writeFile(primary, settingsFile, settings, 0o600);
  expect(await hamnctl(primary, 'config', 'apply', settingsFile, '--yes')).toMatchObject({ code: 0 });
}

/** Everything but what each node keeps as its own, as one text. */
const tree = async (node: string): Promise<string> => {
  const find = `find tree single.conf keys/id_rsa ! -name authorized_keys -printf '%y %m %U:%G %n %s %T@ %p %l\\n' | sort -k7`;
  const facts = `getfacl -R -n -p tree; getfattr -R -h -d tree | sort; find tree -type f | sort | xargs cat | md5sum`;
  return (await sh(node, `cd ${folder} && { ${find}; ${facts}; } | md5sum; ls tree | wc -l`, 60_000)).stdout;
};
const level = async (from: string, to: string): Promise<void> => {
  const seen = await until(/^same/, 40_000, async () => {
    const [a, b] = await Promise.all([tree(from), tree(to)]);
    return a === b ? 'same' : `${a}\n${b}`;
  });
  expect(seen).toBe('same');
};
const said = async (node: string, command: string): Promise<string> =>
  (await sh(node, command)).stdout.trim();
const shown = async (node: string): Promise<string> => (await hamnctl(node, 'resources')).stdout;

describe('file sync', () => {
  it('makes the standby’s files those of the primary, in every respect, and leaves its own alone', async () => {
    const { primary, standby } = await roles();
    await level(primary, standby);
    expect(await said(standby, `cat ${folder}/tree/authorized_keys`)).toBe('standby');
    expect(await said(standby, `ls ${folder}/keys`)).toBe('id_rsa');
    expect(await until(/files +sync +promoted/, 20_000, () => shown(primary))).toMatch(
      /files +sync +promoted/,
    );
  });

  it('sends a change, a thousand new files and their end', async () => {
    const { primary, standby } = await roles();
    await sh(
      primary,
      `echo two > ${folder}/single.conf.new; mv ${folder}/single.conf.new ${folder}/single.conf`,
    );
    expect(await until(/two/, 10_000, () => said(standby, `cat ${folder}/single.conf`))).toBe('two');
    await sh(
      primary,
      `mkdir ${folder}/tree/many; cd ${folder}/tree/many; for i in $(seq 1000); do echo $i > $i; done`,
    );
    expect(await until(/1000/, 20_000, () => said(standby, `ls ${folder}/tree/many | wc -l`))).toBe('1000');
    await sh(primary, `rm -r ${folder}/tree/many`);
    await level(primary, standby);
  });

  it('refuses at the receiver what an older term pushes', async () => {
    const { primary, standby } = await roles();
    const push = (words: string): string =>
      `cd /run/hamn/sync/mn-files && ssh -F /dev/null -l root -p 7444 -i /var/lib/hamn/sync/key -o UserKnownHostsFile=known-${standby} -o HostKeyAlias=${standby} -o BatchMode=yes ${standby} ${words} 2>&1; echo "exit $?"`;
    const address = await said(primary, `getent hosts ${standby} | cut -d' ' -f1`);
    if (address === '')
      await sh(
        primary,
        `echo "$(grep -o '"address":"[^"]*"' /run/hamn/sync/mn-files/plan.json | cut -d'"' -f4) ${standby}" >> /etc/hosts`,
      );
    expect(await said(primary, push('hamn-sync 1 complete --server --daemon .'))).toMatch(
      /hamn refuses this push: .* is newer\.\n?exit 77/,
    );
    expect(await said(primary, push('id'))).toMatch(/for the file sync of hamn only\.\n?exit 77/);
  });

  it('leaves whole files only when the primary dies in the middle, and turns round', async () => {
    const { primary, standby } = await roles();
    const writer = `cd ${folder}/tree; n=0; while :; do c=$(printf '%d' $((n % 10))); head -c 3000000 /dev/zero | tr '\\0' "$c" > .big; mv .big big$((n % 5)); n=$((n+1)); done`;
    const writing = sh(
      primary,
      `timeout 60 sh -c ${JSON.stringify(writer).replaceAll('$', '\\$')}`,
      70_000,
    ).catch(() => undefined);
    expect(await until(/big4/, 30_000, () => said(standby, `ls ${folder}/tree | grep big`))).toContain(
      'big4',
    );
    await lab.powerOff(primary);
    await writing;
    await until(new RegExp(`^${standby}$`), 40_000, async () => (await cluster.primary(standby)) ?? '');
    const kinds = `cd ${folder}/tree; for f in big?; do echo "$(stat -c %s $f) $(fold -w1 < $f | sort -u | wc -l)"; done | sort -u`;
    expect(await said(standby, kinds)).toBe('3000000 1');
    await sh(standby, `echo three > ${folder}/single.conf; rm ${folder}/tree/f7`);
    await lab.powerOn(primary);
    expect((await cluster.healthy(60_000)).primary?.node).toBe(standby);
    await level(standby, primary);
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
    await level(primary, standby);
    expect(await said(standby, `ls ${folder}/tree/n500 ${folder}/tree/f150 2>/dev/null`)).toBe(
      `${folder}/tree/n500`,
    );
  });
});
