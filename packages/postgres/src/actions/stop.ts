import { fail, type Lsn, ok } from '@hamn/core';
import { checkpointRecordEnd } from '../files/control-data.ts';
import { type Limit, type Outcome, startLimit } from '../limit.ts';
import type { Parts } from '../parts.ts';
import {
  findPostmaster,
  killServerProcesses,
  serverProcesses,
  signal,
  waitForDeath,
} from '../process/postmaster.ts';

/** What of the limit an immediate stop keeps for killing by force. */
const forceMs = 1000;

const lastLinesMs = 300;

/**
 * Signals the postmaster itself and waits for its end; the unit becomes inactive by itself after that. (Debian's stop runs a Perl wrapper, which takes
 * 120 ms where the server takes 15.) `fast` at its limit leaves the server as it is, still stopping:
 * the caller goes on with `immediate`. `immediate` at its limit kills every process of the server.
 */
export async function stop(
  parts: Parts,
  mode: 'fast' | 'immediate',
  limit: Limit,
): Promise<Outcome<Lsn | undefined>> {
  const { dataDirectory, unit } = parts.options;
  const postmaster = await findPostmaster(dataDirectory);
  if (postmaster !== undefined) {
    // PostgreSQL documentation, "Shutting Down the Server". A stopped process hears no signal but SIGKILL and SIGCONT.
    signal(postmaster.pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const patienceMs = postmaster.stopped ? 0 : limit.leftMs() - forceMs;
    const patience = mode === 'fast' ? limit : startLimit(parts.clock, patienceMs);
    const dead = await waitForDeath(dataDirectory, postmaster.pid, patience);
    if (!dead && mode === 'fast')
      return fail(
        'timeout',
        `PostgreSQL (${unit}) did not stop within ${Math.round(limit.totalMs)} ms: a standby or a client keeps it. It is still stopping; an immediate stop ends it.`,
      );
  }
  // The log collector ends by itself a moment after the postmaster, with the last lines written.
  if (mode === 'fast')
    await waitUntilGone(parts, startLimit(parts.clock, Math.min(lastLinesMs, limit.leftMs())));
  if (!(await killServerProcesses(dataDirectory, limit)))
    return fail(
      'timeout',
      `Processes of PostgreSQL in ${dataDirectory} cannot be killed; their storage may hang.`,
    );
  return mode === 'fast' && postmaster !== undefined ? shutdownLsn(parts, limit) : ok(undefined);
}

async function waitUntilGone(parts: Parts, limit: Limit): Promise<void> {
  while (!limit.over() && (await serverProcesses(parts.options.dataDirectory)).length > 0)
    await limit.pause(5);
}

/**
 * Where a standby must be at least to have all that this server ever wrote. Undefined for a standby that was stopped, and where the server died of something else.
 */
async function shutdownLsn(parts: Parts, limit: Limit): Promise<Outcome<Lsn | undefined>> {
  const control = await parts.control.read(limit);
  if (!control.ok) return control;
  return ok(control.value.state === 'shut down' ? checkpointRecordEnd(control.value.checkpoint) : undefined);
}
