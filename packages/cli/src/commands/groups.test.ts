import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MemoryStore, memoryStore } from '@hamn/engine/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.ts';
import { runProgram } from '../program.ts';
import { fakeApp, fakeIo } from '../testing/fake-io.ts';

/** Several groups in one cluster: each has a store of its own, as in etcd each has its own prefix. */
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hamnctl-test-'));
});
afterAll(() => rm(directory, { recursive: true }));

const cluster = `version: 1
nodes:
  mn1: {address: 10.0.0.1}
  mn2: {address: 10.0.0.2}
  wit1: {address: 10.0.0.3, role: witness}
  sn1: {address: 10.0.0.4}
  sn2: {address: 10.0.0.5}
groups:
  mn: {vips: [{address: 10.0.0.10/24, interface: eth0}]}
  sn-nfs: {nodes: [sn1, sn2], vips: [{address: 10.0.0.11/24, interface: eth0}]}
`;
const held = (holder: string): string => JSON.stringify({ kind: 'held', holder, nonce: 'n', termMs: 3000 });
const keys = (holder: string, config = cluster): Readonly<Record<string, string>> => ({
  leader: held(holder),
  state: JSON.stringify({ electorate: [holder], synchronous: [holder], promotions: [] }),
  config,
});

type Stores = Readonly<Record<string, MemoryStore>>;

async function run(
  argv: readonly string[],
  stores: Stores,
  { node = 'mn1', address = '10.0.0.1', group = '', text = cluster } = {},
): Promise<{ code: number; out: string; err: string }> {
  const file = join(directory, 'cluster.yaml');
  const nodeFile = join(directory, 'hamn.yaml');
  await writeFile(file, text);
  await writeFile(
    nodeFile,
    `cluster: lab\nnode: ${node}\n${group === '' ? '' : `group: ${group}\n`}address: ${address}\nsocket: ${directory}/none.sock\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n`,
  );
  const io = fakeIo();
  const words = argv.map((word) => (word === 'FILE' ? file : word));
  const app = fakeApp(io, (name) => ({ ok: true, value: stores[name] ?? memoryStore() }));
  const code = await runProgram([...words, '--config', nodeFile], app);
  return { code, ...io.written };
}

const sn1 = { node: 'sn1', address: '10.0.0.4', group: 'sn-nfs' } as const;

describe('hamnctl init of a further group', () => {
  it('takes the settings of another group, and writes into its own keys only', async () => {
    const stores = { mn: memoryStore(keys('mn1')), 'sn-nfs': memoryStore() };
    const { code, out, err } = await run(['init', '--from', 'mn'], stores, sn1);
    expect(err).toBe('');
    expect(code).toBe(exitCodes.ok);
    expect(out).toContain('The group sn-nfs of cluster lab is set up: sn1 leads first');
    expect(out).toContain('then on sn2, with node file');
    expect(stores['sn-nfs'].entries.get('config')?.value).toBe(cluster);
    expect(JSON.parse(stores['sn-nfs'].entries.get('leader')?.value ?? '')).toMatchObject({ to: 'sn1' });
    expect(JSON.parse(stores.mn.entries.get('leader')?.value ?? '')).toMatchObject({ holder: 'mn1' });
  });

  it('refuses a file that differs from what the other groups have', async () => {
    const stores = { mn: memoryStore(keys('mn1', `${cluster}# older\n`)), 'sn-nfs': memoryStore() };
    const { code, err } = await run(['init', '--file', 'FILE'], stores, sn1);
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain(
      'The group mn has other settings in force, and all groups of a cluster have the same.',
    );
    expect(stores['sn-nfs'].entries.size).toBe(0);
  });

  it('refuses on a node of another group', async () => {
    const stores = { mn: memoryStore(keys('mn1')), 'sn-nfs': memoryStore() };
    const { code, err } = await run(['init', '--from', 'mn', '--group', 'sn-nfs'], stores);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("that mn1 is in group sn-nfs, but the cluster's settings have it in mn.");
    expect(stores['sn-nfs'].entries.size).toBe(0);
  });

  it('needs a file or a group that has settings', async () => {
    expect((await run(['init'], {}, sn1)).err).toContain('Say --file cluster.yaml, or, for a further group');
    expect((await run(['init', '--from', 'mm'], {}, sn1)).err).toContain(
      'The group mm of cluster lab has no settings in etcd.',
    );
  });
});

describe('hamnctl config apply', () => {
  const text = cluster.replace('version: 1', 'version: 1\nprofile: patient');
  it('puts one text in force for every group that is set up', async () => {
    const stores = { mn: memoryStore(keys('mn1')), 'sn-nfs': memoryStore(keys('sn1')) };
    const { code, out } = await run(['config', 'apply', 'FILE', '--yes'], stores, { text });
    expect(code).toBe(exitCodes.ok);
    expect(out.match(/\+ profile: patient/g)).toHaveLength(1);
    for (const store of Object.values(stores)) expect(store.entries.get('config')?.value).toBe(text);
  });

  it('writes nothing into a group that is not set up', async () => {
    const stores = { mn: memoryStore(keys('mn1')), 'sn-nfs': memoryStore() };
    expect(await run(['config', 'apply', 'FILE', '--yes'], stores, { text })).toMatchObject({ code: 0 });
    expect(stores['sn-nfs'].entries.size).toBe(0);
  });

  it('brings a group level that was left behind, and says so where it cannot', async () => {
    const stores = { mn: memoryStore(keys('mn1', text)), 'sn-nfs': memoryStore(keys('sn1')) };
    stores['sn-nfs'].before = () => {
      stores['sn-nfs'].before = undefined;
      stores['sn-nfs'].entries.delete('config');
    };
    const first = await run(['config', 'apply', 'FILE', '--yes'], stores, { text });
    expect(first.code).toBe(exitCodes.refused);
    expect(stores['sn-nfs'].entries.get('config')).toBeUndefined();
    const behind = { mn: memoryStore(keys('mn1', text)), 'sn-nfs': memoryStore(keys('sn1')) };
    expect(await run(['config', 'apply', 'FILE', '--yes'], behind, { text })).toMatchObject({ code: 0 });
    expect(behind['sn-nfs'].entries.get('config')?.value).toBe(text);
    expect((await run(['config', 'apply', 'FILE', '--yes'], behind, { text })).out).toContain(
      'Nothing to do',
    );
  });

  it('refuses for all what one of them cannot have', async () => {
    const stores = { mn: memoryStore(keys('mn1')), 'sn-nfs': memoryStore(keys('sn1')) };
    const without = cluster
      .replace('[sn1, sn2]', '[sn2]')
      .replace('  mn: {', '  mn: {nodes: [mn1, mn2, wit1], ');
    const { code, err } = await run(['config', 'apply', 'FILE', '--yes'], stores, { text: without });
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain('sn1 is primary now, and the new settings leave it out of group sn-nfs.');
    const gone = cluster.replace(/ {2}sn-nfs.*\n/, '').replace(/ {2}sn..*\n/g, '');
    expect((await run(['config', 'apply', 'FILE', '--yes'], stores, { text: gone })).err).toContain(
      'The new settings have no group sn-nfs, only mn.',
    );
    for (const store of Object.values(stores)) expect(store.entries.get('config')?.value).toBe(cluster);
  });
});

describe('a group that is not this node’s', () => {
  const stores = (): Stores => ({ mn: memoryStore(keys('mn1')), 'sn-nfs': memoryStore(keys('sn2')) });

  it('is asked for in etcd, and the word goes to its keys', async () => {
    const all = stores();
    const { code, err } = await run(['pause', '--group', 'sn-nfs'], all);
    expect(err).toBe('');
    expect(code).toBe(exitCodes.ok);
    expect(all['sn-nfs']?.entries.has('pause')).toBe(true);
    expect(all['mn']?.entries.has('pause')).toBe(false);
    const status = await run(['status', '--json', '--group', 'sn-nfs'], all);
    expect(JSON.parse(status.out)).toMatchObject({ group: 'sn-nfs', primary: { node: 'sn2' } });
    expect(JSON.parse(status.out).missing[0]).toContain('hamnd on mn1 looks after the group mn only.');
    expect((await run(['events', '--group', 'sn-nfs'], all)).err).toContain(
      'Ask for events on a node of sn-nfs.',
    );
  });

  it('that nobody runs gets no key, and a resource that is not there no word', async () => {
    const all: Stores = { ...stores(), sn_nfs: memoryStore({}) };
    const typed = await run(['pause', '--group', 'sn_nfs'], all);
    expect(typed).toMatchObject({
      code: exitCodes.refused,
      err: expect.stringContaining('sn_nfs of the cluster'),
    });
    expect(all['sn_nfs']?.entries.size).toBe(0);
    const wrong = await run(['cleanup', 'xcatdd', '--group', 'sn-nfs'], all);
    expect(wrong).toMatchObject({
      code: exitCodes.refused,
      err: expect.stringContaining("no resource 'xcatdd'"),
    });
    expect(all['sn-nfs']?.entries.has('resource-wish')).toBe(false);
  });

  it('the node file says which group is meant where nobody says it', async () => {
    const { out } = await run(['status', '--json'], stores(), sn1);
    expect(JSON.parse(out)).toMatchObject({ group: 'sn-nfs', primary: { node: 'sn2' } });
  });

  it('all groups are shown by --all, from any node', async () => {
    const text = await run(['status', '--all'], stores(), sn1);
    expect(text.out).toMatch(/Group mn\n.*mn1 is primary.*Group sn-nfs\n.*sn2 is primary/s);
    const { groups } = JSON.parse((await run(['status', '--all', '--json'], stores())).out);
    expect(groups.map((each: { group: string }) => each.group)).toEqual(['mn', 'sn-nfs']);
  });
});
