import type { Ports } from '@hamn/engine';
import type { Machine, MachineBreaks } from '../machine/machine.ts';
import type { ScenarioWish } from '../run/scenario.ts';
import type { World } from '../run/world.ts';

/** A bug put in on purpose, to see that a checker finds it. The product's code has no switches for it: it stands before a port or over a method. */
export interface Plant {
  readonly name: string;
  readonly about: string;
  readonly breaks: MachineBreaks;
  readonly wrapPorts: (ports: Ports, machine: Machine, world: World) => Ports;
  /** Puts it over a method for the time of a run; the answer takes it away. */
  readonly install: () => () => void;
  /** Scenarios in which it can show. */
  readonly wish: ScenarioWish;
  readonly faults: readonly string[];
  /** A checker must see it within so many seeds. */
  readonly within: number;
}

export const noBreaks: MachineBreaks = {
  neverActs: false,
  takesLateWords: false,
  actsLateMs: 0,
  vipStays: false,
  unitsStay: false,
  recordSurvivesBoot: false,
  resumesAnyTerm: false,
  neverResumes: false,
};

export const unplanted: Plant = {
  name: 'none',
  about: 'Nothing is broken.',
  breaks: noBreaks,
  wrapPorts: (ports) => ports,
  install: () => () => undefined,
  wish: {},
  faults: [],
  within: 100,
};
