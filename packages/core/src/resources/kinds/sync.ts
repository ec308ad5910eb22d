import { limits, monitor, type ResourceTraits, seconds, serviceTraits } from './traits.ts';

/** Files that are replicated from the primary to every standby. */
export interface SyncResource {
  readonly kind: 'sync';
  /** Absolute. The last part may be a pattern of names with `*` and `?`. */
  readonly paths: readonly string[];
  /** Left alone on every node: a name or pattern of names anywhere below the paths, or an absolute path. */
  readonly exclude: readonly string[];
  /** Where each node receives (TCP). */
  readonly port: number;
  /** From one full comparison with each standby to the next. */
  readonly compareEveryMs: number;
  /** To one standby; undefined: as fast as it goes. */
  readonly bytesPerSecond: number | undefined;
}

/** What is a node's own, whatever lies beside it: who may log in there, and whom it knows. */
export const usualSyncExcludes: readonly string[] = ['authorized_keys', 'authorized_keys2', 'known_hosts'];

export const usualSyncPort = 7444;

/**
 * It receives on every node and, promoted, sends from the primary. What a sender of an ended term pushes is refused by the receivers, and the guard
 * ends it; a sender that cannot be ended is nevertheless worth the fence.
 */
export const syncTraits = (_: SyncResource): ResourceTraits => ({
  ...serviceTraits,
  defaults: {
    limits: limits({ startMs: seconds(15), promoteMs: seconds(15) }),
    monitor: monitor({ intervalMs: seconds(5) }),
  },
  promotable: true,
  demotable: true,
});

/** A path of the list: a file or tree, or the names in one folder that a pattern fits. */
export interface ListedPath {
  /** As it is written, without a slash at its end. */
  readonly path: string;
  /** The folder of a pattern, and the pattern itself. */
  readonly pattern?: { readonly folder: string; readonly names: string } | undefined;
}

export function listedPath(written: string): ListedPath {
  const path = written.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
  const at = path.lastIndexOf('/');
  const names = path.slice(at + 1);
  if (!isPattern(names)) return { path };
  return { path, pattern: { folder: path.slice(0, at) || '/', names } };
}

export const isPattern = (text: string): boolean => /[*?]/.test(text);

/** `id*` as an expression for a whole name; as in a shell, a leading dot must be written. */
export function namesExpression(pattern: string): RegExp {
  const body = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  return new RegExp(`^${/^[*?]/.test(pattern) ? '(?!\\.)' : ''}${body}$`);
}
