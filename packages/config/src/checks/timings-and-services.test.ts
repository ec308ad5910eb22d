import { describe, expect, it } from 'vitest';
import { but, errorsOf } from '../testing/good-cluster.ts';

describe('bad settings: timings and services', () => {
  it.each([
    [
      'timings whose sum does not fit',
      but('profile: default', 'profile: fast\ntimings: {requestMs: 400}'),
      'cluster.yaml:3:1 timings: The timings do not fit: 2 x requestMs 400 + intervalMs 200 + marginMs 410 = 1410 ms, which must be below termMs 1000. Raise termMs, or lower requestMs or intervalMs.',
    ],
    [
      'a margin that is too small',
      but('profile: default', 'timings: {marginMs: 100}'),
      'cluster.yaml:2:1 timings: timings.marginMs is 100, but a term of 3000 ms needs at least 750 ms (drift 0.17 x 3000 + demotion 200 + granularity 40).',
    ],
    [
      'a timing that is no number',
      but('profile: default', 'timings: {termMs: 3s}'),
      "cluster.yaml:2:19 timings.termMs: '3s' is not legal here. It must be a number of milliseconds above 0.",
    ],
    [
      'a profile that does not exist',
      but('profile: default', 'profile: fsat'),
      "cluster.yaml:2:10 profile: 'fsat' is not legal here; use fast, default or patient. Did you mean 'fast'?",
    ],
    [
      'a circle of services',
      but('{name: xcatd}', '{name: xcatd, after: [dhcpd]}'),
      "cluster.yaml:13:23 groups.mn.services[0].after: These services wait for each other for ever: xcatd -> dhcpd -> xcatd ('->' reads 'starts after'). Remove one of these.",
    ],
    [
      'a service that waits for itself',
      but('{name: xcatd}', '{name: xcatd, after: [xcatd]}'),
      "cluster.yaml:13:23 groups.mn.services[0].after: These services wait for each other for ever: xcatd -> xcatd ('->' reads 'starts after'). Remove one of these.",
    ],
    [
      'an unknown service',
      but('after: [xcatd]', 'after: [xcat]'),
      "cluster.yaml:14:62 groups.mn.services[1].after[0]: There is no service 'xcat' in this group. Did you mean 'xcatd'?",
    ],
    [
      'a service after the database',
      but('after: [xcatd]', 'after: [postgres]'),
      "cluster.yaml:14:62 groups.mn.services[1].after[0]: 'postgres' always comes before every service. Remove it here.",
    ],
    [
      'one service twice',
      but('{name: dhcpd,', '{name: xcatd,'),
      "cluster.yaml:14:16 groups.mn.services[1].name: There are two services called 'xcatd'. Rename one of them.",
    ],
    [
      'one unit twice',
      but('isc-dhcp-server.service', 'xcatd.service'),
      "cluster.yaml:14:29 groups.mn.services[1].unit: The unit xcatd.service belongs to 'xcatd' already. Two names for one unit would start and stop it twice.",
    ],
    [
      'a unit without its kind',
      but('isc-dhcp-server.service', 'isc-dhcp-server'),
      "cluster.yaml:14:29 groups.mn.services[1].unit: 'isc-dhcp-server' is not legal here. It must be the full name of a systemd service, such as isc-dhcp-server.service.",
    ],
    [
      'a length of time without unit',
      but('500ms', '500'),
      "cluster.yaml:14:84 groups.mn.services[1].startTimeout: '500' is not legal here. It must be a length of time with its unit, such as 500ms, 30s, 5min or 1h.",
    ],
    [
      'a length of time of nothing',
      but('500ms', '0s'),
      "cluster.yaml:14:84 groups.mn.services[1].startTimeout: '0s' is not legal here. It must be longer than nothing and at most 24h.",
    ],
  ])('%s', (_what, text, error) => {
    expect(errorsOf(text)).toBe(error);
  });
});
