import type { SoftwareView } from '../postgres-trouble.ts';
import { type Facts, memberOf } from './facts.ts';

/** What two nodes must have in common, so that the one can go on with the other's files. */

const majorOf = (version: string | undefined): string | undefined => version?.split('.')[0];

function both(
  facts: Facts,
): { readonly own: SoftwareView; readonly theirs: SoftwareView; readonly who: string } | undefined {
  const { leader, seen, postgres } = facts;
  const who = leader === undefined ? undefined : leader.kind === 'held' ? leader.holder : leader.by;
  const own = postgres?.software;
  if (who === undefined || who === seen.me || own === undefined) return undefined;
  const theirs = memberOf(facts, who)?.postgres?.software;
  return theirs === undefined ? undefined : { own, theirs, who };
}

const differ = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b;

/** Why this node's programs cannot run the primary's data files; undefined when they can, or when it is not known. */
export function otherSoftware(facts: Facts): string | undefined {
  const pair = both(facts);
  if (pair === undefined) return undefined;
  const { own, theirs, who } = pair;
  if (differ(majorOf(own.postgres), majorOf(theirs.postgres)))
    return `PostgreSQL ${own.postgres} is installed on it and ${theirs.postgres} on ${who}: another major version cannot use the same data. Install the same one, or set postgres.binDirectory.`;
  if (differ(own.architecture, theirs.architecture))
    return `Its processor is ${own.architecture} and ${who}’s is ${theirs.architecture}: the data files differ.`;
  return undefined;
}

/** What works, and may still surprise: full sentences. */
export function softwareWarnings(facts: Facts): readonly string[] {
  const pair = both(facts);
  if (pair === undefined) return [];
  const { own, theirs, who } = pair;
  const warnings: string[] = [];
  if (differ(own.libc, theirs.libc))
    warnings.push(
      `The C library here is ${own.libc} and ${theirs.libc} on ${who}: text may be sorted in another way, so that indexes on text can be wrong after a failover. Update both nodes to the same release, then REINDEX what sorts by a collation of the C library.`,
    );
  const isMinor = majorOf(own.postgres) === majorOf(theirs.postgres) && differ(own.postgres, theirs.postgres);
  if (isMinor)
    warnings.push(
      `PostgreSQL ${own.postgres} is installed here and ${theirs.postgres} on ${who}. That works; update the older one soon.`,
    );
  return warnings;
}
