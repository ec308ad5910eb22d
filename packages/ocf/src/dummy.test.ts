import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runAgent } from './run-agent.ts';
import { act, agentOf, hostOf } from './testing/scene.ts';
import { validateAgent } from './validate-agent.ts';

/** The real agents of Debian's resource-agents that need nothing else. */
const folder = mkdtempSync(join(tmpdir(), 'hamn-ocf-dummy-'));
const host = hostOf({ temporary: join(folder, 'tmp') });

afterAll(() => rmSync(folder, { recursive: true }));

describe('Dummy', () => {
  const state = join(folder, 'dummy.state');
  const resource = { name: 'thing', parameters: { state } };

  it('lives its whole life', async () => {
    const agent = await agentOf('ocf:heartbeat:Dummy', host);
    expect(agent.metadata.parameters.get('state')?.uniqueGroup).toBe('state');
    expect(await validateAgent(agent, resource, host)).toEqual({ ok: true, value: undefined });
    for (const [action, outcome] of [
      ['monitor', 'stopped'],
      ['stop', 'stopped'],
      ['start', 'running'],
      ['start', 'running'],
      ['monitor', 'running'],
      ['reload', 'done'],
      ['stop', 'stopped'],
      ['monitor', 'stopped'],
    ] as const)
      expect(await act(agent, resource, action, host), action).toBe(outcome);
  });

  it('is seen to have stopped when its state goes', async () => {
    const agent = await agentOf('ocf:Dummy', host);
    expect(agent.name).toBe('ocf:heartbeat:Dummy');
    expect(await act(agent, resource, 'start', host)).toBe('running');
    rmSync(state);
    const repeated = { action: 'monitor', intervalMs: 10_000, level: 10 } as const;
    const ran = await runAgent(agent, resource, repeated, host);
    // Only a monitor that is no probe gives a reason.
    expect(ran.ok && ran.value).toMatchObject({ code: 7, reason: 'No process state file found' });
    expect(await act(agent, resource, 'monitor', host)).toBe('stopped');
  });

  it('keeps its state where hamn says', async () => {
    const agent = await agentOf('ocf:heartbeat:Dummy', host);
    const plain = { name: 'plain', parameters: {} };
    expect(await act(agent, plain, 'start', host)).toBe('running');
    rmSync(join(folder, 'tmp', 'Dummy-plain.state'));
    expect(await act(agent, plain, 'monitor', host)).toBe('stopped');
  });

  it('refuses a state file that it cannot write', async () => {
    const agent = await agentOf('ocf:heartbeat:Dummy', host);
    const lost = { name: 'lost', parameters: { state: '/nonexistent/a/b' } };
    const valid = await validateAgent(agent, lost, host);
    expect(valid.ok ? '' : valid.error.code).not.toBe('');
    expect(['failed', 'unusable-here', 'misconfigured']).toContain(await act(agent, lost, 'start', host));
  });
});

describe('Stateful', () => {
  const state = join(folder, 'stateful.state');
  const resource = { name: 'two', parameters: { state }, meta: { promotable: 'true' } };

  it('is promoted and demoted', async () => {
    const agent = await agentOf('ocf:heartbeat:Stateful', host);
    for (const [action, outcome] of [
      ['promote', 'failed'],
      ['start', 'running'],
      ['monitor', 'running'],
      ['promote', 'promoted'],
      ['monitor', 'promoted'],
      // It refuses to be stopped in this role, with the code that a monitor would have: no success.
      ['stop', 'failed'],
      ['demote', 'running'],
      ['monitor', 'running'],
      ['stop', 'stopped'],
      ['monitor', 'stopped'],
    ] as const)
      expect(await act(agent, resource, action, host), action).toBe(outcome);
  });

  it('has no action that it does not advertise', async () => {
    const agent = await agentOf('ocf:heartbeat:Stateful', host);
    const ran = await runAgent(agent, resource, { action: 'reload' }, host);
    expect(ran.ok ? '' : ran.error).toMatchObject({ code: 'bad-order' });
  });
});
