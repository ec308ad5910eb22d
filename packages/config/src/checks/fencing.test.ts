import { describe, expect, it } from 'vitest';
import { groupSettings, readClusterSettings } from '../cluster-settings.ts';
import { errorsOf, good, warningsOf } from '../testing/good-cluster.ts';

const fencing = `fencing:
  mode: required
  devices:
    bmc-mn1: {agent: fence_ipmilan, options: {ip: 10.9.0.1, username: admin, password: {file: /etc/hamn/secrets/bmc}, lanplus: true, ipport: 623}}
    bmc-mn2: {agent: fence_ipmilan, options: {ip: 10.9.0.2}, timeout: 5s, retries: 0}
    pdu-a: {agent: fence_apc, options: {ip: 10.9.0.3}}
  nodes:
    mn1: {levels: [[bmc-mn1], [{device: pdu-a, plug: 3}]]}
    mn2: {action: "off", delay: 2s, levels: [[bmc-mn2]]}
`;
const withFencing = good.replace('groups:\n', `${fencing}groups:\n`);
const firstLine = good.split('\n').indexOf('groups:') + 1;

/** The settings above with one thing changed. */
const but = (from: string, to: string): string => {
  if (!withFencing.includes(from)) throw new Error(`The settings have no '${from}'.`);
  return withFencing.replace(from, to);
};

/** Without the place: the line. */
const said = (text: string): string => text.replace(/^cluster\.yaml:\d+:\d+ /gm, '');

describe('fencing', () => {
  it('is read with its defaults, numbers and flags as the texts that agents read', () => {
    const read = readClusterSettings(withFencing, 'cluster.yaml');
    expect(warningsOf(withFencing)).toBe('');
    expect(read.ok && groupSettings(read.value, 'c', 'mn')?.fencing).toEqual({
      mode: 'required',
      afterMs: 2250,
      checkEveryMs: 300_000,
      devices: [
        {
          name: 'bmc-mn1',
          agent: 'fence_ipmilan',
          options: {
            ip: '10.9.0.1',
            username: 'admin',
            password: { file: '/etc/hamn/secrets/bmc' },
            lanplus: '1',
            ipport: '623',
          },
          timeoutMs: 20_000,
          retries: 1,
        },
        { name: 'bmc-mn2', agent: 'fence_ipmilan', options: { ip: '10.9.0.2' }, timeoutMs: 5000, retries: 0 },
        { name: 'pdu-a', agent: 'fence_apc', options: { ip: '10.9.0.3' }, timeoutMs: 20_000, retries: 1 },
      ],
      nodes: [
        {
          node: 'mn1',
          action: 'reboot',
          delayMs: 0,
          levels: [[{ device: 'bmc-mn1' }], [{ device: 'pdu-a', plug: '3' }]],
        },
        { node: 'mn2', action: 'off', delayMs: 2000, levels: [[{ device: 'bmc-mn2' }]] },
      ],
    });
  });

  it('is not there where it is not written', () => {
    const read = readClusterSettings(good, 'cluster.yaml');
    expect(read.ok && groupSettings(read.value, 'c', 'mn')).toMatchObject({ fencing: undefined });
  });

  it('takes a witness as a target', () => {
    expect(errorsOf(but('    mn2: {', '    wit1: {levels: [[bmc-mn1]]}\n    mn2: {'))).toBe(
      'it was accepted',
    );
  });

  it.each([
    [
      'an unknown device',
      but('levels: [[bmc-mn2]]', 'levels: [[bmc-mn3]]'),
      "fencing.nodes.mn2.levels[0][0]: There is no fencing device 'bmc-mn3'. Did you mean 'bmc-mn1'? Listed are bmc-mn1, bmc-mn2, pdu-a.",
    ],
    [
      'an unknown node',
      but('    mn2: {action', '    mn3: {levels: [[bmc-mn2]]}\n    mn2: {action'),
      "fencing.nodes.mn3: The cluster has no node 'mn3'. Did you mean 'mn1'? It has mn1, mn2, wit1.",
    ],
    [
      'a node that nobody could take over from',
      but('    mn2: {action: "off", delay: 2s, levels: [[bmc-mn2]]}\n', ''),
      'fencing.nodes: mn2 has no fencing devices, so in the mode required nobody could ever take over from it. Add `mn2: {levels: [[...]]}`, or choose `mode: automatic`.',
    ],
    [
      'a secret in plain sight, without showing it',
      but('{file: /etc/hamn/secrets/bmc}', 'sesame'),
      "fencing.devices.bmc-mn1.options.password: The option password is a secret, and every node's settings can be read. Write it into a file that only root can read, on every node, and write `password: {file: /etc/hamn/secrets/bmc-mn1}`.",
    ],
    [
      'a secret that is a number',
      but('options: {ip: 10.9.0.2}', 'options: {passwd: 1234}'),
      "fencing.devices.bmc-mn2.options.passwd: The option passwd is a secret, and every node's settings can be read. Write it into a file that only root can read, on every node, and write `passwd: {file: /etc/hamn/secrets/bmc-mn2}`.",
    ],
    [
      'a delay inside the agent',
      but('options: {ip: 10.9.0.2}', 'options: {ip: 10.9.0.2, delay: 5}'),
      'fencing.devices.bmc-mn2.options.delay: The option delay is not yours to give. hamn could not call a shot off any more: write `delay` at the node.',
    ],
    [
      'an option of two lines, which would be two options',
      but('ip: 10.9.0.2', 'ip: "10.9.0.2\\naction=on"'),
      'fencing.devices.bmc-mn2.options.ip: The option ip has more than one line, or control characters; an agent reads one line.',
    ],
    [
      'an empty level',
      but('levels: [[bmc-mn2]]', 'levels: [[]]'),
      'fencing.nodes.mn2.levels[0]: A list is not legal here. A level names at least one device.',
    ],
    [
      'no level',
      but('levels: [[bmc-mn2]]', 'levels: []'),
      'fencing.nodes.mn2.levels: A list is not legal here. Name at least one level of devices, such as `levels: [[bmc-mn1]]`.',
    ],
    [
      'a device twice in one level',
      but('levels: [[bmc-mn2]]', 'levels: [[bmc-mn2, bmc-mn2]]'),
      'fencing.nodes.mn2.levels[0][1]: bmc-mn2 stands twice in this level. Remove one, or write another plug.',
    ],
    [
      'an agent that could be any program',
      but('agent: fence_apc', 'agent: /bin/sh'),
      "fencing.devices.pdu-a.agent: '/bin/sh' is not legal here. It must be the name of an installed fence agent, such as fence_ipmilan.",
    ],
    [
      'an option that is a list',
      but('options: {ip: 10.9.0.2}', 'options: {ip: [10.9.0.2]}'),
      'fencing.devices.bmc-mn2.options.ip: A list is not legal here. It must be a text, a number, true, false, or {file: PATH} with the absolute path of a secret.',
    ],
    [
      'a secret whose file could be anywhere',
      but('{file: /etc/hamn/secrets/bmc}', '{file: bmc}'),
      "fencing.devices.bmc-mn1.options.password.file: 'bmc' is not legal here. It must be an absolute path without '..', such as /etc/hamn/node.crt.",
    ],
    [
      'silence that a live primary may show',
      but('mode: required', 'mode: required\n  after: 500ms'),
      'fencing.after: A primary that misses one renewal would be shot: `after` is 500 ms, but must be at least 1700 ms (2 x intervalMs 600 + requestMs 500).',
    ],
    [
      'a fence that would come too late',
      but('mode: required', 'mode: automatic\n  after: 3s'),
      'fencing.after: `after` is 3000 ms, but a candidate takes over after T = 3000 ms without waiting for a fence in the mode automatic. Lower `after`, or choose `mode: required`.',
    ],
  ])('refuses %s', (_what, text, error) => {
    const errors = said(errorsOf(text))
      .split('\n')
      .filter((line) => !line.includes(': Warning: '));
    expect(errors).toEqual([error]);
  });

  it('names the line and the column', () => {
    expect(errorsOf(but('levels: [[bmc-mn2]]', 'levels: [[bmc-mn3]]'))).toMatch(
      new RegExp(`^cluster\\.yaml:${firstLine + 8}:47 fencing\\.nodes\\.mn2`, 'm'),
    );
  });

  it('takes any silence of at least that, also beyond T, where a fence is required', () => {
    expect(errorsOf(but('mode: required', 'mode: required\n  after: 10s'))).toBe('it was accepted');
  });

  it('doubts a node without devices, and a device that nobody uses', () => {
    const text = but('    mn2: {action: "off", delay: 2s, levels: [[bmc-mn2]]}\n', '').replace(
      'required',
      'automatic',
    );
    expect(said(warningsOf(text))).toBe(
      'fencing.devices.bmc-mn2: Warning: No node uses the fencing device bmc-mn2.\n' +
        'fencing.nodes: Warning: mn2 has no fencing devices: when it falls silent, T is waited for.',
    );
  });
});
