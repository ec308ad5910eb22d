import { limits, monitor, type ResourceTraits, seconds, serviceTraits } from './traits.ts';

/** An OCF resource agent. Source: the OCF resource agent API, version 1.1. */
export interface OcfResource {
  readonly kind: 'ocf';
  /** `heartbeat` of `ocf:heartbeat:Filesystem`. */
  readonly provider: string;
  readonly agent: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The agent has the actions `promote` and `demote`, and is to be promoted on the primary. */
  readonly promotable: boolean;
  /** What comes after it works on it, as on a mounted file system. */
  readonly carries: boolean;
  /** Two nodes that run it at one time destroy what it serves. */
  readonly exclusive: boolean;
}

export const ocfTraits = (ocf: OcfResource): ResourceTraits => ({
  ...serviceTraits,
  defaults: {
    limits: limits({ startMs: seconds(60), stopMs: seconds(60), monitorMs: seconds(20) }),
    monitor: monitor({}),
  },
  promotable: ocf.promotable,
  demotable: ocf.promotable,
  carries: ocf.carries,
  destroyedByTwo: ocf.exclusive
    ? `two nodes that run ocf:${ocf.provider}:${ocf.agent} at one time destroy what it serves`
    : undefined,
});
