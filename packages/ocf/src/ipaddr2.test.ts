import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, agentOf, hostOf } from './testing/scene.ts';
import { validateAgent } from './validate-agent.ts';

/** The real IPaddr2 in a network namespace, which the launcher enters. */
const namespace = `hamn-ocf-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'hamn-ocf-ip-'));
const host = hostOf({
  temporary: join(folder, 'tmp'),
  launcher: ['/usr/sbin/ip', 'netns', 'exec', namespace],
});
const ip = (...args: readonly string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'pipe'] });
const addresses = (): string => ip('-n', namespace, '-4', '-o', 'address', 'show', 'dev', 'eth0');

beforeAll(() => {
  ip('netns', 'add', namespace);
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
  ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  ip('-n', namespace, 'link', 'set', 'eth1', 'up');
  ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  ip('-n', namespace, 'address', 'add', '192.0.2.1/24', 'dev', 'eth0');
});

afterAll(() => {
  ip('netns', 'delete', namespace);
  rmSync(folder, { recursive: true });
});

describe('IPaddr2', () => {
  const resource = { name: 'vip', parameters: { ip: '192.0.2.100', cidr_netmask: '24', nic: 'eth0' } };

  it('adds and removes an address, and sees it go', async () => {
    const agent = await agentOf('ocf:heartbeat:IPaddr2', host);
    expect(await validateAgent(agent, resource, host)).toEqual({ ok: true, value: undefined });
    expect(await act(agent, resource, 'monitor', host)).toBe('stopped');
    expect(await act(agent, resource, 'start', host)).toBe('running');
    expect(addresses()).toContain('192.0.2.100/24');
    expect(await act(agent, resource, 'monitor', host)).toBe('running');
    ip('-n', namespace, 'address', 'del', '192.0.2.100/24', 'dev', 'eth0');
    expect(await act(agent, resource, { action: 'monitor', intervalMs: 10_000 }, host)).toBe('stopped');
    expect(await act(agent, resource, 'start', host)).toBe('running');
    expect(await act(agent, resource, 'stop', host)).toBe('stopped');
    expect(addresses()).not.toContain('192.0.2.100');
    expect(addresses()).toContain('192.0.2.1/24');
    expect(await act(agent, resource, 'stop', host)).toBe('stopped');
  });

  it('says what is wrong with its parameters', async () => {
    const agent = await agentOf('ocf:heartbeat:IPaddr2', host);
    const wrong = { name: 'vip', parameters: { ipp: '192.0.2.100', arp_count: 'many', lvs_support: 'Yes' } };
    const valid = await validateAgent(agent, wrong, host);
    expect(valid.ok ? '' : valid.error).toEqual({
      code: 'bad-parameters',
      message: [
        "ocf:heartbeat:IPaddr2 has no parameter 'ipp' (resource vip). Did you mean 'ip'?",
        "The parameter 'arp_count' of ocf:heartbeat:IPaddr2 (resource vip) is 'many', but must be an integer.",
        "The parameter 'lvs_support' of ocf:heartbeat:IPaddr2 (resource vip) is 'Yes', but must be true or false.",
        "ocf:heartbeat:IPaddr2 needs the parameter 'ip' (IPv4 or IPv6 address); give it to the resource vip.",
      ].join(' '),
    });
  });

  it('is asked itself, too', async () => {
    const agent = await agentOf('ocf:heartbeat:IPaddr2', host);
    const nowhere = { name: 'vip', parameters: { ip: '192.0.2.300', nic: 'eth9' } };
    const valid = await validateAgent(agent, nowhere, host);
    expect(valid.ok ? '' : valid.error.code).toMatch(/^(failed|unusable-here|misconfigured)$/);
  });
});
