import { ok, type Result, type UnitView } from '@hamn/core';
import { type ClockPort, type Deadline, deadlineIn, type UnitFailure } from '@hamn/engine';
import { bootStart, isOwned } from './boot-start.ts';
import type { Changes } from './changes.ts';
import { isService } from './drop-in.ts';
import type { Manager } from './manager.ts';
import type { ListedUnit, Properties } from './parse.ts';

interface Details {
  readonly enabled: boolean;
  readonly result: string;
  readonly unit: Properties;
  /** `Restart=` as systemd applies it. */
  readonly restart: string;
  readonly readAt: number;
}

/** Details are read again after this long even when no signal said that they changed. */
const detailsAgeMs = 30_000;

/**
 * Views of units. The state comes fresh from systemd with every call; what changes rarely (enabled, the last result) is remembered
 * until a signal says otherwise.
 */
export class UnitObserver {
  readonly #manager: Manager;
  readonly #changes: Changes;
  readonly #clock: ClockPort;
  readonly #details = new Map<string, Details>();

  constructor(deps: { readonly manager: Manager; readonly changes: Changes; readonly clock: ClockPort }) {
    this.#manager = deps.manager;
    this.#changes = deps.changes;
    this.#clock = deps.clock;
  }

  forget(unit: string | undefined): void {
    if (unit === undefined) this.#details.clear();
    else this.#details.delete(unit);
  }

  async observe(
    units: readonly string[],
    timeoutMs: number,
  ): Promise<Result<readonly UnitView[], UnitFailure>> {
    if (units.length === 0) return ok([]);
    const limit = deadlineIn(this.#clock, timeoutMs);
    const listed = await this.#manager.list(units, limit.leftMs());
    if (!listed.ok) return listed;
    const byName = new Map(listed.value.map((row) => [row.unit, row]));
    // systemd lists an alias under the unit's own name; rows come in the order of asking.
    const rows = units.map((unit, at) => byName.get(unit) ?? listed.value[at]);
    const views: UnitView[] = [];
    for (const view of await Promise.all(units.map((unit, at) => this.#view(unit, rows[at], limit)))) {
      if (!view.ok) return view;
      views.push(view.value);
    }
    return ok(views);
  }

  async #view(
    unit: string,
    row: ListedUnit | undefined,
    limit: Deadline,
  ): Promise<Result<UnitView, UnitFailure>> {
    if (row === undefined || row.loadState !== 'loaded') {
      const active = row?.active ?? 'inactive';
      return ok({ unit, loaded: false, active, sub: row?.sub ?? 'dead', enabled: false, result: 'success' });
    }
    if (!this.#changes.follows(unit)) this.#changes.follow(unit, `${row.active}/${row.sub}`);
    const details = await this.#detailsOf(unit, limit);
    if (!details.ok) return details;
    const { enabled, result } = details.value;
    const hasJob = row.jobId !== 0;
    return ok({ unit, loaded: true, active: withItsJob(row), sub: row.sub, enabled, result, hasJob });
  }

  async #detailsOf(unit: string, limit: Deadline): Promise<Result<Details, UnitFailure>> {
    const kept = this.#fresh(unit);
    if (kept !== undefined) return ok(kept);
    const readAt = this.#clock.now();
    const [own, result, restart] = await Promise.all([
      this.#manager.properties(unit, 'Unit', limit.leftMs()),
      this.#manager.text(unit, 'Service', 'Result', limit.leftMs()),
      isService(unit) ? this.#manager.text(unit, 'Service', 'Restart', limit.leftMs()) : 'no',
    ]);
    if (!own.ok) return own;
    const enabled = bootStart(own.value).starts;
    const details = { enabled, result: result === '' ? 'success' : result, unit: own.value, restart, readAt };
    this.#details.set(unit, details);
    return ok(details);
  }

  #fresh(unit: string): Details | undefined {
    const kept = this.#details.get(unit);
    return kept !== undefined && this.#clock.now() - kept.readAt < detailsAgeMs ? kept : undefined;
  }

  /** Its Unit interface, when hamn alone starts and restarts it by what was last read. */
  ownedAs(unit: string): Properties | undefined {
    const kept = this.#fresh(unit);
    return kept !== undefined && isOwned(kept.unit, kept.restart) ? kept.unit : undefined;
  }
}

/** A unit at rest that has a job is about to start: a restart is a stop and a start, and between them it is inactive. */
const withItsJob = ({ active, jobId }: ListedUnit): UnitView['active'] =>
  jobId !== 0 && (active === 'inactive' || active === 'failed') ? 'activating' : active;
