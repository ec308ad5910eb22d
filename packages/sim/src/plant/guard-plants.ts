import { guardIgnored } from './before-ports.ts';
import { noBreaks, type Plant, unplanted } from './plant.ts';

/** The guard's own rules, and that it is heeded. */
export const guardPlants: readonly Plant[] = [
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
    name: 'guard-acts-late',
    about: 'The guard acts half a second after its deadline.',
    breaks: { ...noBreaks, actsLateMs: 500 },
    faults: ['freeze hamnd', 'kill hamnd'],
    wish: { faults: 8, aimedShare: 0.9 },
  },
  {
    ...unplanted,
    name: 'guard-ignored',
    about: 'The term goes on in hamnd though the guard does not answer.',
    wrapPorts: guardIgnored,
    faults: ['silent guard, then frozen hamnd'],
    wish: { faults: 6, aimedShare: 1 },
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
    name: 'services-stay',
    about: 'The guard leaves the role’s services running.',
    breaks: { ...noBreaks, unitsStay: true },
    faults: ['freeze hamnd', 'kill hamnd', 'isolate'],
    wish: { faults: 8 },
  },
];
