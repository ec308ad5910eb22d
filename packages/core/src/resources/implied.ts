import type { ResourceKind } from './kinds/kinds.ts';
import { traitsOf } from './kinds/kinds.ts';
import { listedPath } from './kinds/sync.ts';
import type { ResourceSettings } from './resource.ts';

/** Edges that nobody has to write: they follow from the kinds and their paths. */

/** Paths that must be there before it starts. */
function needs(what: ResourceKind): readonly string[] {
  switch (what.kind) {
    case 'postgres':
      return [what.dataDirectory];
    case 'mount':
      return [what.target, what.source];
    case 'link':
      return [what.path, what.to];
    case 'sync':
      return what.paths.map((path) => listedPath(path).pattern?.folder ?? path);
    default:
      return [];
  }
}

/** Where it puts something. */
function provides(what: ResourceKind): string | undefined {
  switch (what.kind) {
    case 'mount':
      return what.target;
    case 'link':
      return what.path;
    case 'drbd':
      return what.device;
    default:
      return undefined;
  }
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/** It lies on what `storage` puts there: a mount on its DRBD device, a database on its mount. */
export function liesOn(resource: ResourceSettings, storage: ResourceSettings): boolean {
  const place = provides(storage.what);
  if (place === undefined || resource.name === storage.name) return false;
  return needs(resource.what).some((path) => isWithin(path, place));
}

/** Whether it starts after `other` where nobody says otherwise. */
export function followsByKind(resource: ResourceSettings, other: ResourceSettings): boolean {
  if (resource.name === other.name) return false;
  if (liesOn(resource, other)) return true;
  // What runs on the standby, too, must not wait for what only the primary has.
  if (resource.runs !== 'primary' || other.runs === 'standby') return false;
  const before = traitsOf(other.what);
  switch (traitsOf(resource.what).layer) {
    case 'storage':
      return false;
    case 'base':
      // Who finds the address finds the data. A share that may be slow does not keep the address away.
      return (
        resource.what.kind === 'vip' && before.layer === 'storage' && before.destroyedByTwo !== undefined
      );
    case 'service':
      return before.layer !== 'service';
  }
}
