import type { ViewFacts } from './view-facts.ts';

/** How many standbys are to have each write, by the settings. */
export const neededStandbys = ({ settings }: ViewFacts): number =>
  settings?.postgres?.mode === 'quorum' ? (settings.postgres.quorum ?? 1) : 1;

/**
 * The mode promises a standby with every acknowledged write, and none acknowledges. In mode `synchronous` the record then names the primary alone. Mode
 * `strict` leaves the record as it is, because nothing is acknowledged: there a streaming standby is looked for.
 */
export function isDegraded(facts: ViewFacts): boolean {
  const mode = facts.settings?.postgres?.mode;
  if (mode === undefined || mode === 'asynchronous') return false;
  const synchronous = facts.state?.synchronous ?? [];
  if (synchronous.length - 1 < neededStandbys(facts)) return true;
  if (mode !== 'strict' || facts.holder === undefined || !facts.holderHeardOf) return false;
  return synchronous.every(
    (name) => name === facts.holder || facts.member(name)?.postgres?.streaming !== true,
  );
}
