import { promisesIgnored, requestsStay, unknownIsRefused } from './before-ports.ts';
import { noBreaks, type Plant, unplanted } from './plant.ts';
import { crashLoopGivenUp, fullHouseIsDead } from './trouble-rules.ts';

/** Safe, and still wrong: a term that ends for nothing, a cluster that does not come to rest. */
export const needlessPlants: readonly Plant[] = [
  {
    ...unplanted,
    name: 'promises-ignored',
    about: 'Promises do not carry the term while etcd is away.',
    wrapPorts: promisesIgnored,
    faults: ['etcd outage'],
    wish: { faults: 3, profile: 'default' },
  },
  {
    ...unplanted,
    name: 'unknown-ends-term',
    about: 'A heartbeat whose outcome is unknown ends the term.',
    wrapPorts: unknownIsRefused,
    faults: ['lost replies', 'etcd leader change', 'etcd outage'],
    wish: { faults: 3 },
  },
  {
    ...unplanted,
    name: 'restart-ends-term',
    about: 'A restarted hamnd does not resume the term that its guard holds.',
    breaks: { ...noBreaks, neverResumes: true },
    faults: ['restart hamnd'],
    wish: { faults: 3, aimedShare: 1 },
  },
  {
    ...unplanted,
    name: 'requests-stay',
    about: 'A request that was carried out is left where it is.',
    wrapPorts: requestsStay,
    faults: ['reinit', 'switchover'],
    wish: { faults: 3 },
  },
  {
    ...unplanted,
    name: 'full-house-ends-term',
    about: 'A server that has no connection left is taken for dead.',
    install: fullHouseIsDead,
    faults: ['connections used up'],
    wish: { faults: 3, aimedShare: 1 },
  },
  {
    ...unplanted,
    name: 'crash-loop-given-up',
    about: 'A database whose restarts are used up is neither started again nor given away.',
    install: crashLoopGivenUp,
    faults: ['crash loop'],
    wish: { faults: 4, aimedShare: 1 },
  },
];
