import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGroup } from '@hamn/core';
import { type MemoryStore, memoryStore } from '@hamn/engine/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { runProgram } from '../../program.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';

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
groups:
  mn:
    vips: [{address: 10.0.0.10/24, interface: eth0}]
`;

const nodeFile = (node: string, address: string, role = 'data'): string =>
  `cluster: lab\nnode: ${node}\naddress: ${address}\nrole: ${role}\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n`;

async function run(
  argv: readonly string[],
  store: MemoryStore,
  { node = nodeFile('mn1', '10.0.0.1'), text = cluster, interactive = false, answer = '' } = {},
): Promise<{ code: number; out: string; err: string }> {
  await writeFile(join(directory, 'hamn.yaml'), node);
  await writeFile(join(directory, 'cluster.yaml'), text);
  const io = fakeIo({ interactive, answer });
  const words = argv.map((word) => (word === 'FILE' ? join(directory, 'cluster.yaml') : word));
  const code = await runProgram(
    [...words, '--config', join(directory, 'hamn.yaml')],
    fakeApp(io, { ok: true, value: store }),
  );
  return { code, ...io.written };
}

describe('hamnctl init', () => {
  it('writes the first keys in one transaction and says what comes next', async () => {
    const store = memoryStore();
    const { code, out, err } = await run(['init', '--file', 'FILE'], store);
    expect(err).toBe('');
    expect(code).toBe(exitCodes.ok);
    expect(out).toBe(
      `The group mn of cluster lab is set up: mn1 leads first, T is 3.0 s.
Now start hamn:
  on mn1:  systemctl enable --now hamn-guard hamnd
  then on mn2 and wit1, with node file and certificates in place:
            systemctl enable --now hamn-guard hamnd
  and see:  hamnctl status --watch
`,
    );
    const raw = await store.read(1);
    const view = readGroup(raw.ok ? raw.value : { revision: 0 as never, clusterId: '', entries: new Map() });
    expect(view.leader).toMatchObject({
      kind: 'present',
      value: { kind: 'released', by: 'mn1', to: 'mn1', termMs: 3000 },
    });
    expect(view.state).toMatchObject({
      value: { electorate: ['mn1'], synchronous: ['mn1'], promotions: [] },
    });
    expect(view.config).toMatchObject({ value: cluster });
    expect(new Set([...store.entries.values()].map((entry) => entry.mod)).size).toBe(1);
  });

  it('refuses where a key is there', async () => {
    const store = memoryStore({
      leader: JSON.stringify({ kind: 'held', holder: 'mn2', nonce: 'n', termMs: 3000 }),
      config: 'x',
    });
    const { code, err } = await run(['init', '--file', 'FILE'], store);
    expect(code).toBe(exitCodes.refused);
    expect(err).toBe(
      'The group mn of cluster lab is there already (config, leader). mn2 holds the term. Nothing was changed. `hamnctl config apply` changes settings; `hamnctl status` shows how it stands.\n',
    );
    expect(store.entries.size).toBe(2);
  });

  it('refuses where somebody was quicker', async () => {
    const store = memoryStore();
    store.before = () => store.entries.set('state', { value: '{}', mod: 11 as never });
    expect((await run(['init', '--file', 'FILE'], store)).code).toBe(exitCodes.refused);
    expect(store.entries.has('leader')).toBe(false);
  });

  it('settles a lost answer by the nonce', async () => {
    const written = memoryStore();
    written.loseNextAnswer(true);
    expect((await run(['init', '--file', 'FILE'], written)).code).toBe(exitCodes.ok);
    const not = memoryStore();
    not.loseNextAnswer(false);
    expect((await run(['init', '--file', 'FILE'], not)).code).toBe(exitCodes.failed);
  });

  it('ends when etcd does not answer', async () => {
    const store = memoryStore();
    store.silence();
    const { code, err } = await run(['init', '--file', 'FILE'], store);
    expect(code).toBe(exitCodes.unreachable);
    expect(err).toBe(
      'etcd does not answer: No endpoint of etcd answered. Start etcd on the nodes first. Nothing was changed.\n',
    );
  });

  it.each([
    [
      'an address that differs',
      nodeFile('mn1', '10.0.0.7'),
      "The address of mn1 is 10.0.0.7 in the node file, but 10.0.0.1 in the cluster's settings. Make them equal.\n",
    ],
    [
      'a witness',
      nodeFile('wit1', '10.0.0.3', 'witness'),
      'wit1 can never lead (a witness). Run init on the data node whose database is the one to keep.\n',
    ],
  ])('refuses %s', async (_what, node, message) => {
    const store = memoryStore();
    const { code, err } = await run(['init', '--file', 'FILE'], store, { node });
    expect({ code, err }).toEqual({ code: exitCodes.usage, err: message });
    expect(store.entries.size).toBe(0);
  });
});

describe('hamnctl config', () => {
  const set = (): MemoryStore =>
    memoryStore({
      leader: JSON.stringify({ kind: 'held', holder: 'mn1', nonce: 'n', termMs: 3000 }),
      state: JSON.stringify({ electorate: ['mn1', 'mn2'], synchronous: ['mn1'], promotions: [] }),
      config: cluster,
    });

  it('shows the text as it was written, and its revision beside it', async () => {
    expect(await run(['config', 'show'], set())).toEqual({
      code: exitCodes.ok,
      out: cluster,
      err: 'Revision 10.\n',
    });
  });

  it('validates without etcd', async () => {
    const store = memoryStore();
    store.silence();
    expect((await run(['config', 'validate', 'FILE'], store)).code).toBe(exitCodes.ok);
    const { code, err } = await run(['config', 'validate', 'FILE'], store, {
      text: cluster.replace('mn2:', 'mn 2:'),
    });
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('/cluster.yaml:4:3 nodes["mn 2"]: The name \'mn 2\' is not legal.');
  });

  it('applies, with the difference shown', async () => {
    const store = set();
    const text = cluster.replace('groups:', 'profile: fast\ngroups:');
    const { code, out, err } = await run(['config', 'apply', 'FILE'], store, { text });
    expect(code).toBe(exitCodes.ok);
    expect(out).toBe(
      `  ...
    mn2: {address: 10.0.0.2}
    wit1: {address: 10.0.0.3, role: witness}
+ profile: fast
  groups:
    mn:
The settings are in force; every node takes them within moments. \`hamnctl status\` names one that does not.
`,
    );
    expect(err).toBe('Note: T changes from 3.0 s to 1.0 s with the next term, not before.\n');
    expect(store.entries.get('config')?.value).toBe(text);
  });

  it('finds nothing to do', async () => {
    expect((await run(['config', 'apply', 'FILE'], set())).out).toBe(
      'Nothing to do: these settings are in force already (revision 10).\n',
    );
  });

  it.each([
    [
      'settings without the primary',
      cluster.replace('  mn1: {address: 10.0.0.1}\n', ''),
      'mn1 is primary now, and the new settings leave it out of group mn. Move the role first: `hamnctl switchover`. Nothing was changed.\n',
    ],
    [
      'settings without the group',
      cluster.replace('  mn:\n', '  other:\n'),
      'The new settings have no group mn, only other. To give a group up: docs/service-nodes.md. Nothing was changed.\n',
    ],
  ])('refuses %s', async (_what, text, message) => {
    const store = set();
    const { code, err } = await run(['config', 'apply', 'FILE'], store, { text });
    expect(code).toBe(exitCodes.refused);
    expect(err.endsWith(message)).toBe(true);
    expect(store.entries.get('config')?.value).toBe(cluster);
  });

  it('refuses another revision, and one that changed while it was looked at', async () => {
    const text = `${cluster}# more\n`;
    expect((await run(['config', 'apply', 'FILE', '--revision', '9'], set(), { text })).code).toBe(
      exitCodes.refused,
    );
    const store = set();
    store.before = () => store.entries.set('config', { value: 'theirs', mod: 99 as never });
    expect((await run(['config', 'apply', 'FILE'], store, { text })).code).toBe(exitCodes.refused);
    expect(store.entries.get('config')?.value).toBe('theirs');
  });

  it('changes nothing after a no or a dry run', async () => {
    const text = `${cluster}# more\n`;
    const store = set();
    expect(
      (await run(['config', 'apply', 'FILE'], store, { text, interactive: true, answer: 'n' })).code,
    ).toBe(exitCodes.refused);
    expect((await run(['config', 'apply', 'FILE', '--dry-run'], store, { text })).code).toBe(exitCodes.ok);
    expect(store.entries.get('config')?.value).toBe(cluster);
  });
});
