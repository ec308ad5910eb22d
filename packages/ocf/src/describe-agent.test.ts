import { describe, expect, it } from 'vitest';
import { parseAgentName } from './agent/agent-name.ts';
import { describeAgent } from './describe-agent.ts';
import { agentOf, hostOf } from './testing/scene.ts';

const host = hostOf();

describe('the name of an agent', () => {
  it.each([
    ['ocf:heartbeat:IPaddr2', 'heartbeat/IPaddr2'],
    ['ocf:IPaddr2', 'heartbeat/IPaddr2'],
    ['ocf:pacemaker:ping', 'pacemaker/ping'],
    ['ocf:heartbeat:LVM-activate', 'heartbeat/LVM-activate'],
  ])('%s', (text, place) => {
    const name = parseAgentName(text);
    expect(name.ok && `${name.value.provider}/${name.value.type}`).toBe(place);
  });

  it.each([
    '',
    'ocf',
    'ocf:',
    'IPaddr2',
    'systemd:httpd',
    'ocf:a:b:c',
    'ocf:..:x',
    'ocf:a:../b',
    'ocf:a:.b',
    'ocf:a:b/c',
    'ocf:a:b\nc',
  ])('%j is refused', (text) => {
    const name = parseAgentName(text);
    expect(name.ok ? '' : name.error.code).toBe('bad-name');
  });
});

describe("Debian's agents", () => {
  it('that are not there are told with what is', async () => {
    const typo = await describeAgent('ocf:heartbeat:IPadr2', host);
    expect(typo.ok ? '' : typo.error).toEqual({
      code: 'no-agent',
      message:
        "ocf:heartbeat:IPadr2 is not installed on this node: /usr/lib/ocf/resource.d/heartbeat has no IPadr2. Did you mean 'IPaddr2'?",
    });
    const provider = await describeAgent('ocf:heartbeet:IPaddr2', host);
    expect(provider.ok ? '' : provider.error.message).toContain("Did you mean 'heartbeat'?");
    const nothing = await describeAgent('ocf:x', hostOf({ root: '/nonexistent' }));
    expect(nothing.ok ? '' : nothing.error.message).toContain('the package resource-agents');
  });

  it.each([
    ['IPaddr2', 'ip'],
    ['Filesystem', 'device'],
    ['nfsserver', undefined],
    ['exportfs', 'clientspec'],
    ['named', undefined],
    ['dhcpd', undefined],
    ['pgsql', undefined],
    ['LVM-activate', 'vgname'],
    ['VirtualDomain', 'config'],
    ['mdraid', 'md_dev'],
  ])('%s describes itself', async (type, required) => {
    const { metadata } = await agentOf(`ocf:heartbeat:${type}`, host);
    expect(metadata.name).toBe(type);
    expect(metadata.shortText).not.toBe('');
    for (const name of ['start', 'stop', 'monitor'])
      expect(metadata.actions.find((action) => action.name === name)?.timeoutMs).toBeGreaterThan(0);
    if (required !== undefined) expect(metadata.parameters.get(required)?.required).toBe(true);
  });
});
