import type { PostgresLayout } from '@hamn/config';
import type { Cfgloc } from './cfgloc.ts';

/** One PostgreSQL server that is set up on this machine. */
export interface FoundServer {
  readonly layout: PostgresLayout;
  readonly version: number;
  /** Debian's name of the PostgreSQL cluster. */
  readonly instance: string;
  readonly unit: string;
  readonly dataDirectory: string;
  readonly binDirectory: string;
  readonly configFile: string;
  readonly hbaFile: string;
  readonly includeDirectory: string;
  readonly port: number;
  /** Whether postgresql.conf would read hamn.conf in the include directory. */
  readonly includes: boolean;
  /** Programs of PostgreSQL's that hamn needs and that are not in `binDirectory`. */
  readonly missingPrograms: readonly string[];
  /** There is a postmaster.pid. */
  readonly running: boolean;
  /** Why its configuration could not be read. */
  readonly trouble?: string | undefined;
}

/** All that was read on the machine. */
export interface Found {
  readonly family: 'debian' | 'rhel' | 'suse' | 'unknown';
  readonly servers: readonly FoundServer[];
  readonly cfgloc:
    | { readonly kind: 'absent' }
    | { readonly kind: 'other'; readonly reason: string }
    | { readonly kind: 'read'; readonly value: Cfgloc };
  readonly enforcesSelinux: boolean;
}
