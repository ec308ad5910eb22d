import { alone, claimOf, type Facts, type Finished, recordedClaim, sameClaim } from '@hamn/core';

const ofHolder: readonly string[] = [
  'postgres.mark',
  'postgres.checkpoint',
  'postgres.slots',
  'postgres.synchronous',
];

/** Whether a failed action is a problem still: not when it belongs to an earlier term, or when what it was for has come about by itself. */
export function stillMatters(facts: Facts, finished: Finished): boolean {
  const { key } = finished;
  if (key === 'postgres.role') return !isAsItShouldBe(facts);
  if (facts.hold !== undefined) return finished.at >= facts.hold.since && mattersToHolder(facts, key);
  return !ofHolder.includes(key);
}

function isAsItShouldBe({ hold, server, writable }: Facts): boolean {
  if (hold !== undefined) return writable;
  return server?.kind === 'up' && server.inRecovery && server.streaming;
}

function mattersToHolder({ hold, server, memory, seen }: Facts, key: string): boolean {
  if (key === 'postgres.checkpoint') return memory.handover !== undefined;
  if (key !== 'postgres.synchronous' && key !== 'postgres.mark') return true;
  const recorded = hold?.state === undefined ? alone : recordedClaim(hold.state, seen.me);
  return server?.kind !== 'up' || !sameClaim(recorded, claimOf(server.waitsFor, server.waitsForAny));
}
