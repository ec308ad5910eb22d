import type { GuardMount } from '../observation.ts';
import { traitsOf } from './kinds/kinds.ts';
import type { ResourceSettings } from './resource.ts';

/** The file system of this resource that one node alone may have mounted, for the guard; undefined for every other resource. */
export function exclusiveMountOf({ what, runs }: ResourceSettings): GuardMount | undefined {
  if (runs !== 'primary' || traitsOf(what).destroyedByTwo === undefined) return undefined;
  if (what.kind === 'mount') return { source: what.source, target: what.target };
  if (what.kind !== 'ocf' || what.agent !== 'Filesystem') return undefined;
  // The agent's own names. Source: Filesystem of ClusterLabs' resource-agents.
  const { device: source, directory: target } = what.parameters;
  return source === undefined || target === undefined ? undefined : { source, target };
}

/** What a node itself stands on: nothing here follows a role. */
const ground: ReadonlySet<string> = new Set(['', 'boot', 'dev', 'etc', 'proc', 'run', 'sys', 'usr']);

export const isNodeGround = (path: string): boolean =>
  ground.has(
    path
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/'),
  );
