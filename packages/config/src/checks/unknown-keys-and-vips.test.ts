import { describe, expect, it } from 'vitest';
import { but, errorsOf } from '../testing/good-cluster.ts';

describe('bad settings: unknown keys and vips', () => {
  it.each([
    [
      'an unknown key at the top',
      but('profile:', 'profil:'),
      "cluster.yaml:2:1 profil: There is no setting 'profil' here. Did you mean 'profile'? Legal are: version, profile, timings, nodes, fencing, groups.",
    ],
    [
      'an unknown key in a VIP',
      but('interface:', 'inteface:'),
      "cluster.yaml:10:9 groups.mn.vips[0].interface: 'interface' is missing. It is the network interface that carries the VIP, such as eth0.\n" +
        "cluster.yaml:10:33 groups.mn.vips[0].inteface: There is no setting 'inteface' here. Did you mean 'interface'? Legal are: address, interface, subnet.",
    ],
    [
      'an unknown key of a database',
      but('{version: 15}', '{version: 15, max_lag_bytes: 5}'),
      "cluster.yaml:11:29 groups.mn.postgres.max_lag_bytes: There is no setting 'max_lag_bytes' here. Did you mean 'maxLagBytes'? Legal are: version, layout, instance, mode, quorum, maxLagBytes, unit, dataDirectory, includeDirectory, binDirectory, port, user, passwordFile, osUser, tls, parameters, startTimeout, stopTimeout, promoteTimeout, keepDiverged, switchoverLag, switchoverWait, switchoverStop, slotAbsence, slotFree, restarts, restartWindow, onCrash, storageTimeout.",
    ],
    [
      'a VIP outside the subnet of the nodes',
      but('10.1.0.10/24', '10.2.0.10/24'),
      "cluster.yaml:10:19 groups.mn.vips[0].address: The VIP's network 10.2.0.0/24 does not contain mn1 (10.1.0.221) and mn2 (10.1.0.222). Correct the address or its prefix length; if the VIP belongs to another network of these nodes, say which with `subnet: ADDRESS/LENGTH`.",
    ],
    [
      'a VIP outside its own subnet',
      but('10.1.0.10/24,', '192.0.3.7/24, subnet: 192.0.2.0/24,'),
      'cluster.yaml:10:19 groups.mn.vips[0].address: The VIP 192.0.3.7 is outside its subnet 192.0.2.0/24. Correct the address, its prefix length, or subnet.',
    ],
    [
      'a VIP without prefix length',
      but('10.1.0.10/24', '10.1.0.10'),
      "cluster.yaml:10:19 groups.mn.vips[0].address: '10.1.0.10' is not legal here. It must be an address with its prefix length, such as 10.1.0.223/24 or fd99::10/64.",
    ],
    [
      'a VIP that is a node',
      but('10.1.0.10/24', '10.1.0.222/24'),
      'cluster.yaml:10:19 groups.mn.vips[0].address: 10.1.0.222 is the address of node mn2. A VIP must be an address that no machine owns.',
    ],
    [
      'a VIP that is a network',
      but('10.1.0.10/24', '10.1.0.0/24'),
      "cluster.yaml:10:19 groups.mn.vips[0].address: 10.1.0.0 is the network address of 10.1.0.0/24, not a host's. Write the VIP itself, with the prefix length of its network.",
    ],
    [
      'a VIP that is a broadcast address',
      but('10.1.0.10/24', '10.1.0.255/24'),
      "cluster.yaml:10:19 groups.mn.vips[0].address: 10.1.0.255 is the broadcast address of 10.1.0.0/24, not a host's. Write the VIP itself, with the prefix length of its network.",
    ],
    [
      'a multicast VIP',
      but('10.1.0.10/24', '224.0.0.1/24'),
      'cluster.yaml:10:19 groups.mn.vips[0].address: A VIP cannot be 224.0.0.1: it is a multicast address.',
    ],
    [
      'one VIP twice, written differently',
      but(
        '      - {address: 10.1.0.10/24, interface: eth0}\n',
        '      - {address: fd99::10/64, interface: eth0}\n      - {address: "FD99:0::10/64", interface: eth1}\n',
      ),
      'cluster.yaml:11:19 groups.mn.vips[1].address: The VIP fd99::10 stands here for the second time (first in group mn). Remove one.',
    ],
    [
      'the name of an interface that cannot be',
      but('eth0', 'management-network0'),
      "cluster.yaml:10:44 groups.mn.vips[0].interface: 'management-network0' is not legal here. The name of an interface has 1 to 15 characters and no space, '/' or ':'.",
    ],
  ])('%s', (_what, text, error) => {
    expect(errorsOf(text)).toBe(error);
  });
});
