import { type Facts, softwareWarnings, whyScarce, whySick } from '@hamn/core';

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
  return [...problems, ...softwareWarnings(facts)];
}
