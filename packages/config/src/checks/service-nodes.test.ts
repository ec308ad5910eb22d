import { describe, expect, it } from 'vitest';
import { groupSettings, readClusterSettings } from '../cluster-settings.ts';
import { errorsOf, good, warningsOf } from '../testing/good-cluster.ts';

const serviceNodes = `    serviceNodes:
      mode: act
      members:
        sn1: {address: 10.1.0.31, nodeAddress: 10.2.0.31, xcatmaster: sn1-n, pools: [rack1], capacity: 300}
        sn2: {address: 10.1.0.32, pools: [rack1]}
      probes: {failures: 3, samples: 5, every: 10s, limit: 3s}
      moves: {batch: 10}
`;
const withServiceNodes = (from = '', to = ''): string => {
  if (!serviceNodes.includes(from)) throw new Error(`The good settings have no '${from}'.`);
  return good + serviceNodes.replace(from, to);
};

describe('service nodes in the settings', () => {
  it('are read with every default', () => {
    const read = readClusterSettings(withServiceNodes(), 'cluster.yaml');
    const settings = read.ok ? groupSettings(read.value, 'c', 'mn')?.serviceNodes : undefined;
    expect(settings).toMatchObject({
      mode: 'act',
      members: [
        { name: 'sn1', probes: ['ping', 'xcatd', 'nfs', 'interface'], capacity: 300, isInMaintenance: false },
        { name: 'sn2', probes: ['ping', 'xcatd', 'nfs'], capacity: undefined },
      ],
      judge: { everyMs: 10_000, failures: 3, samples: 5, kinds: 2, most: 0.5 },
      moves: { batch: 10, atOnce: 1, soakMs: 1_800_000, databaseOnly: false },
    });
    expect(warningsOf(withServiceNodes())).not.toContain('sn1');
  });

  it('are left out where the settings have none', () => {
    const read = readClusterSettings(good, 'cluster.yaml');
    const settings = read.ok ? groupSettings(read.value, 'c', 'mn') : undefined;
    expect(settings).toBeDefined();
    expect(settings?.serviceNodes).toBeUndefined();
  });

  it.each([
    [
      'an unknown mode',
      'mode: act',
      'mode: akt',
      "'akt' is not legal here; use observe, propose or act. Did you mean 'act'?",
    ],
    ['a misspelt setting', 'batch: 10', 'bach: 10', "There is no setting 'bach' here. Did you mean 'batch'?"],
    ['one sample', 'failures: 3', 'failures: 1', 'It must be a whole number from 2 to 100.'],
    [
      'more failures than samples',
      'failures: 3',
      'failures: 6',
      'Of the last 5 probes (samples) never 6 can fail.',
    ],
    ['a limit above the interval', 'limit: 3s', 'limit: 20s', 'Lower limit, or raise every.'],
    [
      'no address',
      'address: 10.1.0.32, ',
      '',
      "'address' is missing. It is where the management node reaches",
    ],
    ['a host name', '10.1.0.32', 'sn2.cluster', 'not a host name.'],
    ['an address twice', '10.1.0.32', '10.1.0.31', '10.1.0.31 is the address of sn1 already.'],
    ['an address of the cluster', '10.1.0.32', '10.1.0.221', '10.1.0.221 is the address of mn1 already.'],
    ['a node of the cluster', 'sn2:', 'mn2:', "'mn2' is a node of group mn"],
    [
      'an unknown probe',
      'pools: [rack1]}\n      probes',
      'pools: [rack1], probes: [pingg]}\n      probes',
      "Did you mean 'ping'?",
    ],
    [
      'too few probes',
      'pools: [rack1]}\n      probes',
      'pools: [rack1], probes: [ping, interface]}\n      probes',
      'sn2 has one kind of probe (ping), but 2 must fail before it is down',
    ],
    ['no pool', 'pools: [rack1]}', 'pools: []}', 'Name at least one pool'],
  ])('%s is refused', (_what, from, to, why) => {
    expect(errorsOf(withServiceNodes(from, to))).toContain(why);
  });

  it('of which one has a pool of its own are doubted', () => {
    expect(warningsOf(withServiceNodes('pools: [rack1]}', 'pools: [rack2]}'))).toContain(
      'No other service node is in a pool of sn2 (rack2): when it is lost, its nodes have nowhere to go.',
    );
  });
});
