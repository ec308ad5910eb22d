import type { PostgresServer, SettingShortfall } from '@hamn/core';
import { type Capacities, capacityNames } from '../files/capacities.ts';
import type { Limit } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { collationQuery, type Pressure, pressureQuery, readPressure } from '../session/pressure.ts';
import type { Session } from '../session/session.ts';

/** How often what changes slowly is asked: connections, collations, a standby's settings. */
const everyMs = 5000;

/** A server that has sent nothing for this long is not waited for. */
const silenceMs = 2000;

/** What changes slowly, looked at now and then. A failure of it is no failure of the look at the server. */
export class SlowLook {
  readonly #parts: Parts;
  #pressure: Pressure | undefined;
  #pressureAt = 0;
  #low: readonly SettingShortfall[] = [];
  #lowAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get problems(): readonly string[] {
    return this.#pressure?.problems ?? [];
  }

  /** A sentence about who uses most of the connections, as of the last look; empty before it. */
  get users(): string {
    return this.#pressure === undefined ? '' : ` Most are used by ${this.#pressure.users}.`;
  }

  async ask(session: Session, version: number): Promise<void> {
    const now = this.#parts.clock.now();
    if (now < this.#pressureAt) return;
    this.#pressureAt = now + everyMs;
    const asked = await session.ask(pressureQuery, silenceMs, 'hamn-pressure');
    const collation =
      version >= 150_000 ? await session.ask(collationQuery, silenceMs, 'hamn-collation') : undefined;
    if (asked.ok)
      this.#pressure = readPressure(asked.value[0], collation?.ok === true ? collation.value[0] : undefined);
  }

  /** A standby's own settings beside what pg_control demands: pg_control takes the primary's as they are replayed. */
  async tooLow(
    server: PostgresServer,
    own: Capacities | undefined,
    limit: Limit,
  ): Promise<readonly SettingShortfall[]> {
    if (server.kind !== 'up' || !server.inRecovery) return [];
    const now = this.#parts.clock.now();
    if (now < this.#lowAt) return this.#low;
    this.#lowAt = now + everyMs;
    const control = await this.#parts.control.read(limit);
    if (control.ok) this.#low = shortfalls(own ?? {}, control.value.capacities);
    return this.#low;
  }
}

/** Where `own` is below what is needed. A setting that is not known is not judged. */
const shortfalls = (own: Capacities, needed: Capacities): readonly SettingShortfall[] =>
  capacityNames.flatMap((name) => {
    const [mine, least] = [own[name], needed[name]];
    return mine !== undefined && least !== undefined && mine < least
      ? [{ name, own: mine, needed: least }]
      : [];
  });
