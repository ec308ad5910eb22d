import { whyScarce, whySick } from '../postgres-trouble.ts';
import type { Facts } from './facts.ts';
import { otherSoftware, softwareWarnings } from './software.ts';
import { recent } from './tries.ts';

/** What is wrong with PostgreSQL and with what it stands on, in plain words, with the remedy. */
export function postgresProblems(facts: Facts): readonly string[] {
  const { postgres, server } = facts;
  if (postgres === undefined) return [];
  const problems: string[] = [];
  if (server?.kind === 'hung') problems.push(`PostgreSQL does not answer: ${server.reason}`);
  if (server?.kind === 'rejecting' && server.cause === 'connections')
    problems.push(
      `PostgreSQL has no connection left, not even one of superuser_reserved_connections: ${server.reason} End sessions that nobody needs, or raise max_connections.`,
    );
  if (postgres.data.kind === 'damaged') problems.push(`The database is damaged: ${postgres.data.because}`);
  for (const storage of postgres.storage ?? []) {
    const why = whySick(storage) ?? whyScarce(storage);
    if (why !== undefined) problems.push(why);
  }
  for (const { name, own, needed } of postgres.tooLow ?? [])
    problems.push(
      `${name} is ${own} here and ${needed} on the primary: this standby cannot be promoted, and stops replaying. hamn raises it in hamn.conf with a restart; where a later line of your own sets it, remove that line.`,
    );
  const other = otherSoftware(facts);
  if (other !== undefined) problems.push(`This node cannot become primary: ${other}`);
  return [...problems, ...crashLoop(facts), ...softwareWarnings(facts)];
}

/** Starts that succeed and do not last: no failure of a start would tell of them. */
function crashLoop({ hold, memory, seen, pgSettings }: Facts): readonly string[] {
  if (pgSettings === undefined) return [];
  const { restarts, restartWindowMs, unit } = pgSettings;
  const key = hold === undefined ? 'standby' : 'postgres';
  const { length } = recent(memory.restarts[key], seen.now, restartWindowMs);
  if (restarts === 0 || length < restarts) return [];
  return [
    `PostgreSQL was started ${length} times within ${restartWindowMs / 1000} s and did not stay up. Its log says why; see also journalctl -u ${unit}.`,
  ];
}
