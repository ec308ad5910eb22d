import { emptyNamesFirst, forgetMark, onePromiseForAll, takeWithoutHeartbeat } from './before-ports.ts';
import { countFromReply, ignoreMayAct, reviveByLateReply } from './methods.ts';
import { noBreaks, type Plant, unplanted } from './plant.ts';

/** Each rule of the protocol that a checker must miss when it is gone. */
export const plants: readonly Plant[] = [
  {
    ...unplanted,
    name: 'guard-never-acts',
    about: 'The guard lets its deadline pass.',
    breaks: { ...noBreaks, neverActs: true },
    faults: ['freeze hamnd', 'kill hamnd', 'isolate'],
    wish: { faults: 8 },
  },
  {
    ...unplanted,
    name: 'deadline-from-reply',
    about: 'The deadline is counted from the answer to a heartbeat, not from its sending.',
    install: countFromReply,
    faults: ['slow, then silent'],
    wish: { faults: 4, widestDrift: true, profile: 'default', dataNodes: 2, aimedShare: 1 },
  },
  {
    ...unplanted,
    name: 'late-reply-revives',
    about: 'An answer that comes after the deadline revives the term.',
    breaks: { ...noBreaks, takesLateWords: true },
    install: reviveByLateReply,
    faults: ['late reply'],
    wish: { faults: 14, aimedShare: 0.9 },
  },
  {
    ...unplanted,
    name: 'one-promise-suffices',
    about: 'One of two electors promises, and it counts for both.',
    wrapPorts: onePromiseForAll,
    faults: ['outage without an elector'],
    wish: { faults: 6, dataNodes: 3, aimedShare: 0.9 },
  },
  {
    ...unplanted,
    name: 'heartbeat-not-compared',
    about: 'A candidate takes without comparing the heartbeat.',
    wrapPorts: takeWithoutHeartbeat,
    faults: ['deaf candidate', 'stalled watch', 'cut a pair'],
    wish: { faults: 10 },
  },
  {
    ...unplanted,
    name: 'reboot-takes-back',
    about: 'The guard’s record survives the boot, so that a rebooted node takes its term back as its own.',
    breaks: { ...noBreaks, recordSurvivesBoot: true },
    faults: ['power-off'],
    wish: { faults: 10 },
  },
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
    name: 'mark-not-passed',
    about: 'A standby is recorded as synchronous before it has passed the mark.',
    wrapPorts: forgetMark,
    faults: ['death at the record'],
    within: 400,
    wish: { faults: 6, mode: 'synchronous', aimedShare: 0.9 },
  },
  {
    ...unplanted,
    name: 'vip-stays',
    about: 'The guard leaves the VIP where it is.',
    breaks: { ...noBreaks, vipStays: true },
    faults: ['freeze hamnd', 'kill hamnd', 'isolate'],
    wish: { faults: 8 },
  },
  {
    ...unplanted,
    name: 'may-act-ignored',
    about: 'Acts are issued without asking whether the term is still held.',
    install: ignoreMayAct,
    faults: ['slow disk', 'isolate', 'freeze hamnd', 'power-off'],
    wish: { faults: 14 },
  },
];
