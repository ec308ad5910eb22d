import { alone, claimOf, type Facts, type Finished, isRunning, recordedClaim, sameClaim } from '@hamn/core';

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
  if (ofHolder.includes(key)) return false;
  // Of its services a standby reports only what it could not stop.
  return !key.startsWith('unit ') || isRunning(facts.units.get(key.slice('unit '.length)));
}

function isAsItShouldBe({ hold, server, writable }: Facts): boolean {
  if (hold !== undefined) return writable;
  return server?.kind === 'up' && server.inRecovery && server.streaming;
}

function mattersToHolder({ hold, server, memory, seen, units }: Facts, key: string): boolean {
  // A start that took longer than its limit and came about all the same.
  if (key.startsWith('unit ') && memory.handover === undefined)
    return units.get(key.slice('unit '.length))?.active !== 'active';
  if (key === 'postgres.checkpoint') return memory.handover !== undefined;
  if (key !== 'postgres.synchronous' && key !== 'postgres.mark') return true;
  const recorded = hold?.state === undefined ? alone : recordedClaim(hold.state, seen.me);
  return server?.kind !== 'up' || !sameClaim(recorded, claimOf(server.waitsFor, server.waitsForAny));
}
