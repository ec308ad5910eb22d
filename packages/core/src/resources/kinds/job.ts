import { limits, monitor, type ResourceTraits, seconds, serviceTraits } from './traits.ts';

/** A program that runs to its end once after each take-over, such as `makedns -n`. Its failure is degraded, never a second failover. */
export interface JobResource {
  readonly kind: 'job';
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  /** With `command` empty: that of the unit that this node has. Where it has none of these there is nothing to do. */
  readonly byUnit?: readonly UnitCommand[] | undefined;
  /** The resource whose unit that is. */
  readonly unitOf?: string | undefined;
}

export interface UnitCommand {
  readonly unit: string;
  readonly command: readonly string[];
}

export const jobTraits = (_: JobResource): ResourceTraits => ({
  ...serviceTraits,
  defaults: {
    limits: limits({ startMs: seconds(120), stopMs: seconds(5) }),
    monitor: monitor({ confirm: 1 }),
  },
  once: true,
  escalation: ['kill', 'self-fence'],
});
