/** `list: xcat`: what an xCAT management node has beside its database that no command makes anew. Never who may log in: see `usualSyncExcludes`. */
export const xcatFiles: readonly string[] = [
  '/etc/hosts',
  '/etc/xcat/ca',
  '/etc/xcat/cert',
  '/etc/xcat/hostkeys',
  '/root/.xcat',
  '/root/.ssh/id*',
];

/** Paths of a resource of kind sync: its own, then those of a list. */
export const syncPaths = ({
  paths = [],
  list,
}: {
  readonly paths?: readonly string[] | undefined;
  readonly list?: 'xcat' | undefined;
}): readonly string[] => [...paths, ...(list === undefined ? [] : xcatFiles)];
