/** What the engine of resources must know of a kind. A kind's adapter is elsewhere; here is no I/O. */

/**
 * In which order kinds start by themselves, and stop in reverse: `storage` first, then the `base` (VIPs and the database), then all that serves
 * with these. The admin's `after` counts before it.
 */
export type ResourceLayer = 'storage' | 'base' | 'service';

/** Limits in milliseconds; what is not done by then has failed. */
export interface ResourceLimits {
  readonly startMs: number;
  readonly stopMs: number;
  readonly monitorMs: number;
  readonly promoteMs: number;
  readonly demoteMs: number;
}

/** `shallow`: does it run. `deep`: does it answer. */
export type MonitorDepth = 'shallow' | 'deep';

export interface MonitorSettings {
  /** From one look to the next. */
  readonly intervalMs: number;
  readonly depth: MonitorDepth;
  /** Bad looks in a row that make a failure, at least 1. A look that could not tell counts, but one more of them is needed. */
  readonly confirm: number;
  /** From a bad look to the second one. */
  readonly confirmAfterMs: number;
}

/**
 * What follows a stop that failed, in this order. `kill`: its control group, or whoever holds it. `self-fence`: the guard makes this node harmless.
 * `report`: it is said and nothing waits for it: what is left over does no harm on two nodes.
 */
export type EscalationStep = 'kill' | 'self-fence' | 'report';

export interface ResourceDefaults {
  readonly limits: ResourceLimits;
  readonly monitor: MonitorSettings;
}

export interface ResourceTraits {
  readonly layer: ResourceLayer;
  readonly defaults: ResourceDefaults;
  /** It has a second, higher state on the primary. */
  readonly promotable: boolean;
  /** It can be taken from the higher state to the lower one without a stop. */
  readonly demotable: boolean;
  /** What comes after it works on it: never restarted under them. */
  readonly carries: boolean;
  /** What does not answer goes on by itself when its server answers again, and no restart makes that sooner. */
  readonly outlastsSilence: boolean;
  /** It runs to its end once in a term, and nothing of it is left to be stopped. */
  readonly once: boolean;
  readonly escalation: readonly EscalationStep[];
  /** Why two nodes that have it at one time destroy it, as the end of a sentence; undefined where they do not. */
  readonly destroyedByTwo: string | undefined;
}

const second = 1000;

export const seconds = (count: number): number => count * second;

/** Limits of a kind: 10 s for what is not named. */
export const limits = (given: Partial<ResourceLimits>): ResourceLimits => ({
  startMs: seconds(10),
  stopMs: seconds(10),
  monitorMs: seconds(5),
  promoteMs: seconds(10),
  demoteMs: seconds(10),
  ...given,
});

/** A look each 10 s; the second one a second after a bad one. */
export const monitor = (given: Partial<MonitorSettings>): MonitorSettings => ({
  intervalMs: seconds(10),
  depth: 'shallow',
  confirm: 2,
  confirmAfterMs: second,
  ...given,
});

/** What most services are. */
export const serviceTraits: ResourceTraits = {
  layer: 'service',
  defaults: {
    limits: limits({ startMs: seconds(30), stopMs: seconds(30) }),
    monitor: monitor({}),
  },
  promotable: false,
  demotable: false,
  carries: false,
  outlastsSilence: false,
  once: false,
  escalation: ['kill', 'self-fence'],
  destroyedByTwo: undefined,
};

/** What most storage is. */
export const storageTraits: ResourceTraits = {
  ...serviceTraits,
  layer: 'storage',
  carries: true,
};
