import { emptyNamesFirst, recordFirst } from './before-ports.ts';
import { type Plant, unplanted } from './plant.ts';
import {
  anySign,
  firstCutOffTakes,
  forgetsItsWord,
  highestIgnored,
  oneTooFew,
  positionFirst,
  releaseSuffices,
  saidForEver,
  staysAttached,
} from './quorum-methods.ts';

/** Mode quorum: what a candidate must hear, what makes it true, and in which order the count changes. */
export const quorumPlants: readonly Plant[] = [
  {
    ...unplanted,
    name: 'one-statement-too-few',
    about: 'A candidate takes with one statement fewer than the record asks for.',
    install: oneTooFew,
    faults: ['power-off', 'isolate', 'time stops'],
    wish: { faults: 10, mode: 'quorum', quorum: 1, aimedShare: 0.8 },
  },
  {
    ...unplanted,
    name: 'statement-without-detaching',
    about: 'A standby says how far it is and goes on receiving.',
    wrapPorts: staysAttached,
    faults: ['thaw at the take', 'thaw at the statement'],
    wish: { faults: 6, mode: 'quorum', quorum: 1, aimedShare: 0.9 },
  },
  {
    ...unplanted,
    name: 'statement-of-any-sign',
    about: 'A statement counts whatever sign of the primary it was made about.',
    install: anySign,
    wrapPorts: saidForEver,
    faults: ['power-off', 'isolate', 'kill postmaster'],
    wish: { faults: 16, mode: 'quorum', quorum: 1, aimedShare: 0.9 },
  },
  {
    ...unplanted,
    name: 'highest-ignored',
    about: 'Whoever has heard enough others takes, however far they are.',
    install: highestIgnored,
    faults: ['death with one behind'],
    wish: { faults: 8, mode: 'quorum', quorum: 1, aimedShare: 1 },
  },
  {
    ...unplanted,
    name: 'position-read-first',
    about: 'What a standby says of its position is a look from before it was cut off.',
    install: firstCutOffTakes,
    wrapPorts: positionFirst,
    faults: ['thaw at the statement'],
    wish: {
      faults: 12,
      profile: 'default',
      mode: 'quorum',
      quorum: 1,
      dataNodes: 3,
      fencing: 'manual',
      aimedShare: 1,
    },
  },
  {
    ...unplanted,
    name: 'word-forgotten',
    about:
      'A hamnd that begins anew follows the primary at once, though it may have said that nothing reaches its standby.',
    install: forgetsItsWord,
    faults: ['restart at the take'],
    wish: { faults: 14, mode: 'quorum', quorum: 1, dataNodes: 3, aimedShare: 1 },
  },
  {
    ...unplanted,
    name: 'release-suffices',
    about:
      'Who is given the role takes it without hearing anybody, though nobody has confirmed that it has everything.',
    install: releaseSuffices,
    faults: ['kill postmaster', 'failing start', 'failing promotion', 'bad services'],
    wish: { faults: 20, mode: 'quorum', quorum: 1, aimedShare: 1 },
  },
  {
    ...unplanted,
    name: 'count-lowered-first',
    about: 'PostgreSQL waits for fewer before the record in etcd says so.',
    wrapPorts: emptyNamesFirst,
    faults: ['isolate', 'isolate one way', 'slow replies', 'slow flush'],
    wish: { faults: 10, mode: 'quorum', quorum: 1 },
  },
  {
    ...unplanted,
    name: 'count-raised-first',
    about: 'The record in etcd counts more before PostgreSQL waits for them.',
    wrapPorts: recordFirst,
    faults: ['isolate', 'power-off', 'slow flush'],
    wish: { faults: 10, mode: 'quorum', quorum: 2, dataNodes: 4 },
  },
];
