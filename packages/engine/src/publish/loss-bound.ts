import { type GroupView, type Lsn, lagBytes, type Observation, parseLsn, presentValue } from '@hamn/core';

/**
 * How much a take-over in asynchronous mode may lose: what this standby lacks of the primary's last heartbeat, and what may have been written
 * after it, for which the largest step between two heartbeats stands.
 */
export class LossBound {
  #sequence = -1;
  #last: Lsn | undefined;
  #largestStep = 0;

  look(group: GroupView | undefined): void {
    const beat = group === undefined ? undefined : presentValue(group.heartbeat);
    if (beat === undefined || beat.sequence === this.#sequence) return;
    const at = parseLsn(beat.lsn ?? '');
    const next = beat.sequence === this.#sequence + 1;
    this.#sequence = beat.sequence;
    if (!at.ok) return;
    // The largest step fades, so that one bulk load is not reported for ever.
    if (this.#last !== undefined && next)
      this.#largestStep = Math.max(lagBytes(at.value, this.#last), this.#largestStep * 0.9);
    this.#last = at.value;
  }

  /** Bytes; undefined in the modes that lose nothing. */
  bytes(seen: Observation): number | undefined {
    const server = seen.ports.postgres?.known === true ? seen.ports.postgres.value.server : undefined;
    if (seen.settings.postgres?.mode !== 'asynchronous' || server?.kind !== 'up' || this.#last === undefined)
      return undefined;
    return Math.ceil(lagBytes(this.#last, server.flushedLsn) + this.#largestStep);
  }
}
