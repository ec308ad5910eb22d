import { beforeTheOk, emptyNamesFirst, forgetMark, recordFirst, slotsTooFar } from './before-ports.ts';
import { cloneFromAny } from './data-ports.ts';
import { otherLineCounts, vainBelieved } from './line-rules.ts';
import { cascadeNeverLeft, strictForgotten } from './methods.ts';
import { withRule } from './over.ts';
import { type Plant, unplanted } from './plant.ts';

/** The order in which the synchronous set grows and shrinks. */
export const dataPlants: readonly Plant[] = [
  {
    ...unplanted,
    name: 'names-emptied-first',
    about: 'PostgreSQL stops waiting for a standby before the record in etcd says so.',
    wrapPorts: emptyNamesFirst,
    faults: ['isolate', 'isolate one way'],
    wish: { faults: 8, mode: 'synchronous' },
  },
  {
    ...unplanted,
    name: 'shrunk-before-ok',
    about:
      'PostgreSQL stops waiting for a standby though etcd has not said that it was taken out of the record.',
    wrapPorts: beforeTheOk('synchronous set'),
    faults: ['isolate', 'isolate one way', 'link down'],
    wish: { faults: 8, mode: 'synchronous', aimedShare: 0.9 },
  },
  {
    ...unplanted,
    name: 'recorded-first',
    about: 'A standby is recorded in etcd first, and PostgreSQL waits for it only afterwards.',
    wrapPorts: recordFirst,
    faults: ['death at the record'],
    wish: { faults: 6, mode: 'synchronous', dataNodes: 2, aimedShare: 1 },
  },
  {
    ...unplanted,
    name: 'mark-not-passed',
    about: 'A standby is recorded as synchronous before it has passed the mark.',
    wrapPorts: forgetMark,
    faults: ['death at the record'],
    wish: { faults: 6, mode: 'synchronous', dataNodes: 2, aimedShare: 1 },
  },
  {
    ...unplanted,
    name: 'other-system-served',
    about: 'A holder starts and promotes whatever database lies in its directory.',
    install: withRule('other-system', () => undefined),
    faults: ['another database', 'switchover', 'power-off'],
    wish: { faults: 20, aimedShare: 0.9 },
  },
  {
    ...unplanted,
    name: 'slots-on-primary-only',
    about: 'A standby keeps no replication slots for the other data nodes.',
    install: withRule('standby-slots', () => undefined),
    faults: ['power-off', 'isolate', 'switchover'],
    wish: { faults: 12, dataNodes: 3, aimedShare: 0.5 },
  },
  {
    ...unplanted,
    name: 'slots-too-far',
    about: 'A standby moves its slots on to where it is itself, whatever the other nodes have.',
    wrapPorts: slotsTooFar,
    faults: ['power-off', 'isolate', 'switchover'],
    wish: { faults: 12, dataNodes: 3, aimedShare: 0.5 },
  },
  {
    ...unplanted,
    name: 'clone-from-any-standby',
    about: 'A clone is read from any standby that runs, whatever timeline it is on.',
    wrapPorts: cloneFromAny,
    faults: ['left behind', 'isolate', 'reinit', 'source lost', 'switchover'],
    wish: { faults: 14, dataNodes: 3, aimedShare: 0.5, clonefrom: ['n1', 'n2', 'n3'] },
  },
  {
    ...unplanted,
    name: 'cascade-never-left',
    about:
      'A standby that receives from a standby goes on with it, whatever becomes of that one and of its line.',
    install: cascadeNeverLeft,
    faults: ['isolate', 'power-off', 'switchover', 'link down'],
    wish: { faults: 14, dataNodes: 3, aimedShare: 0.8, cascade: { node: 'n3', from: 'n1' } },
  },
  {
    ...unplanted,
    name: 'strict-forgotten',
    about: 'The mode strict empties the synchronous names like the mode synchronous.',
    install: strictForgotten,
    faults: ['power-off', 'isolate'],
    wish: { faults: 6, mode: 'strict' },
  },
  {
    ...unplanted,
    name: 'other-line-counts',
    about:
      'A standby whose data has diverged is pointed to the primary, and waited for when it looks for a moment as if it streamed.',
    within: 300,
    install: otherLineCounts,
    faults: ['time stops', 'deaf candidate', 'slow replies', 'etcd leader change', 'isolate', 'power-off'],
    wish: { faults: 12, mode: 'strict', dataNodes: 2, aimedShare: 0.5 },
  },
  {
    ...unplanted,
    name: 'vain-believed',
    about: 'A standby that connects again and again to a primary of another line is taken for well.',
    install: vainBelieved,
    faults: ['power-off', 'restored etcd, raised', 'isolate', 'pause at a step'],
    wish: { faults: 20, mode: 'asynchronous', dataNodes: 2, aimedShare: 0.8 },
  },
];
