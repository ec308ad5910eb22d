import {
  isPattern,
  type ListedPath,
  listedPath,
  namesExpression,
  type ResourceSettings,
  type SyncResource,
} from '@hamn/core';
import type { ConfigPath } from '../issues.ts';
import { type Finding, wrong } from './finding.ts';

/** What every node must have for itself, and why, as the end of a sentence. */
const ownPlaces: readonly (readonly [string, string])[] = [
  ['/proc', 'it is the kernel’s'],
  ['/sys', 'it is the kernel’s'],
  ['/dev', 'it is the kernel’s'],
  ['/run', 'it tells of this boot of one node'],
  ['/var/run', 'it tells of this boot of one node'],
  ['/boot', 'it belongs to one machine'],
  ['/etc/hamn', 'it says which node this is'],
  ['/var/lib/hamn', 'it is what one node remembers'],
  ['/usr/lib/hamn', 'it comes with the package'],
  ['/var/lib/postgresql', 'PostgreSQL replicates its data by itself'],
  ['/var/lib/pgsql', 'PostgreSQL replicates its data by itself'],
  ['/var/lib/etcd', 'etcd replicates its data by itself'],
  ['/etc/machine-id', 'it is the name of one machine'],
];

/** Where the admin wrote it, and how many of its paths he wrote himself; those of a list follow. */
export interface SyncPlace {
  readonly place: ConfigPath;
  readonly ownPaths: number;
}

interface Listed {
  readonly resource: string;
  readonly place: ConfigPath;
  readonly listed: ListedPath;
  /** The remedy where the path is wrong. */
  readonly remedy: string;
}

/** The paths of resources of kind sync, with all other resources of the group in sight. */
export function checkSync(
  resources: readonly ResourceSettings[],
  dataDirectory: string | undefined,
  placeOf: (resource: string) => SyncPlace,
): readonly Finding[] {
  const syncs = resources.flatMap((resource) =>
    resource.what.kind === 'sync' ? [{ ...resource, what: resource.what }] : [],
  );
  const own =
    dataDirectory === undefined
      ? ownPlaces
      : [...ownPlaces, [dataDirectory, 'PostgreSQL replicates its data by itself'] as const];
  const all = syncs.flatMap(({ name, what }) =>
    what.paths.map((path, index) => {
      const { place, ownPaths } = placeOf(name);
      const isOwn = index < ownPaths;
      return {
        resource: name,
        place: isOwn ? [...place, 'paths', index] : [...place, 'list'],
        listed: listedPath(path),
        remedy: isOwn ? 'Remove it.' : 'Write the other paths of the list as `paths`, in its place.',
      };
    }),
  );
  return [
    ...syncs.flatMap((resource, index) =>
      checkOne(resource, syncs.slice(0, index), placeOf(resource.name).place),
    ),
    ...all.flatMap((one, index) => [
      ...checkPath(one, own),
      ...checkOverlap(one, all.slice(0, index)),
      ...checkMounts(one, resources),
    ]),
  ];
}

function checkOne(
  { name, what, runs, failure }: ResourceSettings & { readonly what: SyncResource },
  before: readonly (ResourceSettings & { readonly what: SyncResource })[],
  place: ConfigPath,
): readonly Finding[] {
  const twin = before.find((other) => other.what.port === what.port);
  return [
    ...(runs === 'all'
      ? []
      : [
          wrong(
            [...place, 'runs'],
            runs,
            'Files are sent by the primary and received by every standby: a resource of kind sync runs on all nodes. Remove it.',
          ),
        ]),
    ...(failure.outcome === 'failover'
      ? [
          wrong(
            [...place, 'onFailure'],
            'failover',
            'Files that are not copied are never worth a failover: the other node has the older ones. Use degrade or ignore.',
          ),
        ]
      : []),
    ...(twin === undefined
      ? []
      : [
          wrong(
            [...place, 'port'],
            what.port,
            `'${twin.name}' receives at port ${what.port} already. Give '${name}' a port of its own, or list its paths at '${twin.name}'.`,
          ),
        ]),
  ];
}

function checkPath(
  { place, listed: { path, pattern } }: Listed,
  own: readonly (readonly [string, string])[],
): readonly Finding[] {
  const folder = pattern?.folder ?? path;
  if (isPattern(folder))
    return [
      wrong(
        place,
        path,
        'A pattern may stand in the last part of a path only, such as /root/.ssh/id*. List the folders one by one.',
      ),
    ];
  if (folder === '/')
    return [
      wrong(place, path, 'The whole file system cannot be copied to another node. List what is needed.'),
    ];
  for (const [root, because] of own) {
    if (isWithin(folder, root))
      return [
        wrong(
          place,
          path,
          `${path} must not be copied to other nodes: ${root} is each node's own, for ${because}. Remove it.`,
        ),
      ];
    if (pattern === undefined && isWithin(root, path))
      return [
        wrong(
          place,
          path,
          `${path} contains ${root}, which is each node's own, for ${because}. List what is needed below ${path} instead.`,
        ),
      ];
  }
  return [];
}

function checkOverlap(one: Listed, before: readonly Listed[]): readonly Finding[] {
  const { place, listed, remedy } = one;
  const other = before.find((earlier) => covers(earlier.listed, listed) || covers(listed, earlier.listed));
  if (other === undefined) return [];
  return [
    wrong(
      place,
      listed.path,
      `${listed.path} and ${other.listed.path} of '${other.resource}' overlap, so the same files would be copied twice. ${remedy}`,
    ),
  ];
}

/** Whether what `inner` lists is in `outer`, in part at least. */
function covers(outer: ListedPath, inner: ListedPath): boolean {
  if (outer.path === inner.path) return true;
  const at = inner.pattern?.folder ?? inner.path;
  if (outer.pattern === undefined) return isWithin(at, outer.path);
  const { folder, names } = outer.pattern;
  if (inner.pattern !== undefined || !isWithin(at, folder) || at === folder) return false;
  const [name = ''] = at.slice(folder === '/' ? 1 : folder.length + 1).split('/');
  return namesExpression(names).test(name);
}

function checkMounts(
  { place, listed, remedy }: Listed,
  resources: readonly ResourceSettings[],
): readonly Finding[] {
  const at = listed.pattern?.folder ?? listed.path;
  for (const { name, what, runs } of resources) {
    if (what.kind !== 'mount' || runs === 'all' || !isWithin(at, what.target)) continue;
    return [
      wrong(
        place,
        listed.path,
        `${listed.path} lies on '${name}', which is mounted on one node at a time: what is there moves with the role. ${remedy}`,
      ),
    ];
  }
  return [];
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
