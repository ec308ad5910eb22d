import { afterAll, describe, expect, it } from 'vitest';
import { runAgent } from './run-agent.ts';
import { agentOf, DoubleAgents } from './testing/scene.ts';

const doubles = new DoubleAgents();
const host = { ...doubles.host, node: 'mn1' };

afterAll(() => doubles.remove());

/** What bash adds by itself. */
const ofTheShell = new Set(['PWD', 'SHLVL', '_', 'OLDPWD']);

async function environmentOf(
  order: Parameters<typeof runAgent>[2],
): Promise<Readonly<Record<string, string>>> {
  process.env['OCF_RESKEY_leak'] = 'leaks';
  const agent = await agentOf(doubles.add('env', 'env -0', { actions: ['notify'] }), host);
  const resource = {
    name: 'vip-1',
    parameters: { ip: '192.0.2.1', odd: 'a \'b\'\n$(c) "d" = é' },
    meta: { 'clone-max': '2', promotable: 'true' },
  };
  const ran = await runAgent(agent, resource, order, host);
  delete process.env['OCF_RESKEY_leak'];
  if (!ran.ok) throw new Error(ran.error.message);
  const pairs = ran.value.stdout.text.split('\0').map((line) => line.split(/=([\s\S]*)/));
  return Object.fromEntries(
    pairs.flatMap(([name = '', value = '']) => (name === '' || ofTheShell.has(name) ? [] : [[name, value]])),
  );
}

const always = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  OCF_ROOT: doubles.directory,
  OCF_RA_VERSION_MAJOR: '1',
  OCF_RA_VERSION_MINOR: '1',
  OCF_RESOURCE_INSTANCE: 'vip-1',
  OCF_RESOURCE_TYPE: 'env',
  OCF_RESOURCE_PROVIDER: 'test',
  OCF_EXIT_REASON_PREFIX: 'ocf-exit-reason:',
  HA_RSCTMP: `${doubles.directory}/tmp/inner`,
  OCF_RESKEY_ip: '192.0.2.1',
  OCF_RESKEY_odd: 'a \'b\'\n$(c) "d" = é',
  OCF_RESKEY_CRM_meta_clone_max: '2',
  OCF_RESKEY_CRM_meta_promotable: 'true',
  OCF_RESKEY_CRM_meta_on_node: 'mn1',
};

describe('the environment of an agent', () => {
  it('is the contract, and nothing else', async () => {
    expect(await environmentOf({ action: 'start', limitMs: 15_000 })).toEqual({
      ...always,
      OCF_RESKEY_CRM_meta_name: 'start',
      OCF_RESKEY_CRM_meta_timeout: '15000',
      OCF_RESKEY_CRM_meta_interval: '0',
    });
  });

  it('of a monitor has its depth and interval, and the limit that the agent advises', async () => {
    expect(await environmentOf({ action: 'monitor', level: 10, intervalMs: 30_000 })).toEqual({
      ...always,
      OCF_CHECK_LEVEL: '10',
      OCF_RESKEY_OCF_CHECK_LEVEL: '10',
      OCF_RESKEY_CRM_meta_name: 'monitor',
      OCF_RESKEY_CRM_meta_timeout: '20000',
      OCF_RESKEY_CRM_meta_interval: '30000',
    });
  });

  it('of a notification has its lists, in the old words, too', async () => {
    const member = (node: string) => ({ resource: 'vip-1', node });
    const env = await environmentOf({
      action: 'notify',
      notification: {
        type: 'post',
        operation: 'promote',
        lists: { promote: [member('mn1')], unpromoted: [member('mn2'), member('mn3')] },
      },
    });
    expect(env).toMatchObject({
      OCF_RESKEY_CRM_meta_notify_type: 'post',
      OCF_RESKEY_CRM_meta_notify_operation: 'promote',
      OCF_RESKEY_CRM_meta_notify_promote_uname: 'mn1',
      OCF_RESKEY_CRM_meta_notify_promote_resource: 'vip-1',
      OCF_RESKEY_CRM_meta_notify_slave_uname: 'mn2 mn3',
      OCF_RESKEY_CRM_meta_notify_unpromoted_uname: 'mn2 mn3',
      OCF_RESKEY_CRM_meta_notify_stop_uname: '',
    });
  });

  it('comes to the agent through a launcher', async () => {
    const agent = await agentOf(doubles.add('nice', 'nice; cat /proc/self/oom_score_adj'), host);
    const launcher = ['/usr/bin/choom', '-n', '321', '--', '/usr/bin/nice', '-n', '3'];
    const ran = await runAgent(
      agent,
      { name: 'r', parameters: {} },
      { action: 'start' },
      { ...host, launcher },
    );
    const before = await runAgent(agent, { name: 'r', parameters: {} }, { action: 'start' }, host);
    if (!ran.ok || !before.ok) throw new Error('It did not run.');
    const [own] = before.value.stdout.text.split('\n').map(Number);
    expect(ran.value.stdout.text).toBe(`${Math.min(19, (own ?? 0) + 3)}\n321\n`);
  });

  it.each([
    [{ name: '../x', parameters: {} }, 'cannot be the name of a resource'],
    [{ name: 'r', parameters: { 'a=b': 'c' } }, "'a=b' cannot be a parameter of r"],
    [{ name: 'r', parameters: {}, meta: { 'a\0b': 'c' } }, 'cannot be a parameter'],
  ])('cannot be spoiled by a name', async (resource, message) => {
    const agent = await agentOf(doubles.add('env', 'env -0'), host);
    const ran = await runAgent(agent, resource, { action: 'start' }, host);
    expect(ran.ok ? '' : ran.error.code).toBe('bad-order');
    expect(ran.ok ? '' : ran.error.message).toContain(message);
  });

  it('that no program can have is an error, not a throw', async () => {
    const agent = await agentOf(doubles.add('env', 'env -0'), host);
    for (const value of ['a\0b', 'x'.repeat(3_000_000)]) {
      const ran = await runAgent(agent, { name: 'r', parameters: { ip: value } }, { action: 'start' }, host);
      expect(ran.ok ? '' : ran.error.code).toBe('not-started');
    }
  });
});
