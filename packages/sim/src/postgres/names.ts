import type { Server } from './server.ts';

/**
 * Changes the names that commits wait for. Backends see the change a moment after the reload; more names are proven only when no command that
 * began under the old ones still runs.
 */
export function setNames(server: Server, names: readonly string[], ended: (proven: boolean) => void): void {
  const { disk, random, note, changed } = server.parts;
  disk.synchronous = [...names];
  const process = server.process;
  if (process === undefined || !server.isWritable) return ended(true);
  const grows = names.some((name) => !server.proven.includes(name));
  server.proven = server.proven.filter((name) => names.includes(name));
  process.in(random.between(1, 30), () => {
    if (!server.isWritable) return ended(false);
    server.names = disk.synchronous;
    note(`postgres: waits for ${server.names.join(', ') || 'nobody'}`);
    // Emptied names let every waiting commit go.
    server.release();
    changed();
    if (!grows) return ended(true);
    if (server.troubles.notProven > 0) {
      server.troubles.notProven -= 1;
      return ended(false);
    }
    prove(server, names, ended);
  });
}

function prove(server: Server, names: readonly string[], ended: (proven: boolean) => void): void {
  const process = server.process;
  if (process === undefined || !server.isWritable) return ended(false);
  if (server.backendsOfOldNames > 0) {
    process.in(5, () => prove(server, names, ended));
    return;
  }
  if (server.names.join() !== names.join()) return ended(false);
  server.proven = names;
  server.parts.changed();
  ended(true);
}
