import type { FenceTarget } from '@hamn/api';
import type { Paint } from '../../text/colour.ts';

/** A node, and below it its devices in the order in which they are used. */
export function renderTarget({ node, action, outlets }: FenceTarget, colour: Paint): string {
  const does = action === 'reboot' ? 'switched off, then on again' : 'switched off, and left so';
  const lines = outlets.map(({ level, outlet, agent, power, reason }) => {
    const says = power === 'unknown' ? colour.red(`cannot be used: ${reason ?? ''}`) : `says ${power}`;
    return `  level ${level}  ${outlet} (${agent}) ${says}`;
  });
  return [colour.bold(`${node}: ${does}`), ...lines].join('\n');
}
