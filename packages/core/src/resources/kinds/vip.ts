import { limits, monitor, type ResourceTraits, seconds, serviceTraits } from './traits.ts';

/** A virtual address. It is added once nobody else answers for it. */
export interface VipResource {
  readonly kind: 'vip';
  /** As the kernel prints it. */
  readonly address: string;
  readonly prefixLength: number;
  readonly interface: string;
}

/** Nothing is there to be killed: an address that cannot be removed leaves only the guard. */
export const vipTraits = (_: VipResource): ResourceTraits => ({
  ...serviceTraits,
  layer: 'base',
  defaults: {
    // Another host that answers for it may need the lifetime of its address to fall silent.
    limits: limits({ startMs: seconds(15), stopMs: seconds(2) }),
    monitor: monitor({ intervalMs: seconds(5), confirm: 1 }),
  },
  escalation: ['self-fence'],
});
