import { type Claim, implies, sameClaim, weakest } from '@hamn/core';
import type { Server } from './server.ts';

/**
 * Changes what commits wait for. Backends see the change a moment after the reload; a claim that the proven one does not imply is proven only when no command
 * that began under the old names still runs.
 */
export function setNames(server: Server, claim: Claim, ended: (proven: boolean) => void): void {
  const { disk, random, note, changed } = server.parts;
  disk.synchronous = claim;
  const process = server.process;
  if (process === undefined || !server.isWritable) return ended(true);
  const grows = !implies(server.proven, claim);
  server.proven = weakest(server.proven, claim);
  process.in(random.between(1, 30), () => {
    if (!server.isWritable) return ended(false);
    server.waitsFor = disk.synchronous;
    const { members, count } = server.waitsFor;
    note(
      `postgres: waits for ${count < members.length ? `${count} of ` : ''}${members.join(', ') || 'nobody'}`,
    );
    // Emptied names let every waiting commit go.
    server.release();
    changed();
    if (!grows) return ended(true);
    if (server.troubles.notProven > 0) {
      server.troubles.notProven -= 1;
      return ended(false);
    }
    prove(server, claim, ended);
  });
}

function prove(server: Server, claim: Claim, ended: (proven: boolean) => void): void {
  const process = server.process;
  if (process === undefined || !server.isWritable) return ended(false);
  if (server.backendsOfOldNames > 0) {
    process.in(5, () => prove(server, claim, ended));
    return;
  }
  if (!sameClaim(server.waitsFor, claim)) return ended(false);
  server.proven = claim;
  server.parts.changed();
  ended(true);
}
