import { fail, ok, type Result } from '@hamn/core';
import type { UnitFailure } from '@hamn/engine';
import { pathOfUnit } from './bus-path.ts';
import type { ManagerConnection } from './manager-connection.ts';
import { isText, type ListedUnit, listedUnits, type Properties, propertiesOf } from './parse.ts';
import type { Property } from './transient/properties.ts';

const managerPath = '/org/freedesktop/systemd1';
const managerInterface = 'org.freedesktop.systemd1.Manager';

export type PropertyOwner = 'Unit' | 'Service';

/** The few calls of org.freedesktop.systemd1(5) that hamn needs, typed; each ends within its limit. */
export class Manager {
  readonly #connection: ManagerConnection;

  constructor(connection: ManagerConnection) {
    this.#connection = connection;
  }

  /** One call for all units, about 0.4 ms; a unit that does not exist is listed as `not-found`. */
  async list(
    units: readonly string[],
    timeoutMs: number,
  ): Promise<Result<readonly ListedUnit[], UnitFailure>> {
    const answer = await this.#call('ListUnitsByNames', 'as', [[...units]], 'list units', timeoutMs);
    if (!answer.ok) return answer;
    const listed = listedUnits(answer.value);
    return listed === undefined ? unreadable('ListUnitsByNames') : ok(listed);
  }

  async startJob(unit: string, timeoutMs: number): Promise<Result<string, UnitFailure>> {
    return this.#job('StartUnit', unit, `start ${unit}`, timeoutMs);
  }

  /** A unit made of `properties` alone, with a start job. */
  async startTransient(
    unit: string,
    properties: readonly Property[],
    timeoutMs: number,
  ): Promise<Result<string, UnitFailure>> {
    const body = [unit, 'replace', properties, []];
    const answer = await this.#call('StartTransientUnit', 'ssa(sv)a(sa(sv))', body, `run ${unit}`, timeoutMs);
    if (!answer.ok) return answer;
    return isText(answer.value) ? ok(answer.value) : unreadable('StartTransientUnit');
  }

  async stopJob(unit: string, timeoutMs: number): Promise<Result<string, UnitFailure>> {
    return this.#job('StopUnit', unit, `stop ${unit}`, timeoutMs);
  }

  /** A job that still waits is taken back; one that runs goes on (CancelJob stops no process). */
  async cancelJob(jobId: number, timeoutMs: number): Promise<void> {
    await this.#call('CancelJob', 'u', [jobId], 'cancel a job', timeoutMs);
  }

  /** What the unit's job is (`start`, `stop`, `restart` ...); undefined when it has none. */
  async jobType(unit: string, timeoutMs: number): Promise<Result<string | undefined, UnitFailure>> {
    const job = await this.property(unit, 'Unit', 'Job', timeoutMs);
    if (!job.ok) return job;
    const [id, path]: readonly unknown[] = Array.isArray(job.value) ? job.value : [];
    if (id === 0 || !isText(path)) return ok(undefined);
    const type = await this.#get(
      path,
      'org.freedesktop.systemd1.Job',
      'JobType',
      `read the job of ${unit}`,
      timeoutMs,
    );
    if (!type.ok) return type;
    return ok(isText(type.value) ? type.value : undefined);
  }

  /** Forgets a failure and the start rate limit that was counted. */
  async resetFailed(unit: string, timeoutMs: number): Promise<void> {
    await this.#call('ResetFailedUnit', 's', [unit], `reset ${unit}`, timeoutMs);
  }

  /** Removes the links below /etc, or below /run (`runtime`). */
  async disable(unit: string, runtime: boolean, timeoutMs: number): Promise<Result<undefined, UnitFailure>> {
    const answer = await this.#call(
      'DisableUnitFiles',
      'asb',
      [[unit], runtime],
      `disable ${unit}`,
      timeoutMs,
    );
    return answer.ok ? ok(undefined) : answer;
  }

  async reload(timeoutMs: number): Promise<Result<undefined, UnitFailure>> {
    const answer = await this.#call('Reload', undefined, [], 'reload its configuration', timeoutMs);
    return answer.ok ? ok(undefined) : answer;
  }

  async property(
    unit: string,
    owner: PropertyOwner,
    name: string,
    timeoutMs: number,
  ): Promise<Result<unknown, UnitFailure>> {
    return this.#get(
      pathOfUnit(unit),
      `org.freedesktop.systemd1.${owner}`,
      name,
      `read ${name} of ${unit}`,
      timeoutMs,
    );
  }

  /** All of an interface's at once: a unit that rests is loaded anew for each call, which costs systemd milliseconds. */
  async properties(
    unit: string,
    owner: PropertyOwner,
    timeoutMs: number,
  ): Promise<Result<Properties, UnitFailure>> {
    const answer = await this.#connection.call(
      {
        path: pathOfUnit(unit),
        interface: 'org.freedesktop.DBus.Properties',
        member: 'GetAll',
        signature: 's',
        body: [`org.freedesktop.systemd1.${owner}`],
      },
      `read the properties of ${unit}`,
      timeoutMs,
    );
    if (!answer.ok) return answer;
    const properties = propertiesOf(answer.value);
    return properties === undefined ? unreadable('GetAll') : ok(properties);
  }

  #get(
    path: string,
    owner: string,
    name: string,
    what: string,
    timeoutMs: number,
  ): Promise<Result<unknown, UnitFailure>> {
    return this.#connection.call(
      {
        path,
        interface: 'org.freedesktop.DBus.Properties',
        member: 'Get',
        signature: 'ss',
        body: [owner, name],
      },
      what,
      timeoutMs,
    );
  }

  /** A property that is a text; empty where it cannot be read. */
  async text(unit: string, owner: PropertyOwner, name: string, timeoutMs: number): Promise<string> {
    const answer = await this.property(unit, owner, name, timeoutMs);
    return answer.ok && isText(answer.value) ? answer.value : '';
  }

  async #job(
    member: string,
    unit: string,
    what: string,
    timeoutMs: number,
  ): Promise<Result<string, UnitFailure>> {
    const answer = await this.#call(member, 'ss', [unit, 'replace'], what, timeoutMs);
    if (!answer.ok) return answer;
    return isText(answer.value) ? ok(answer.value) : unreadable(member);
  }

  #call(
    member: string,
    signature: string | undefined,
    body: unknown[],
    what: string,
    timeoutMs: number,
  ): Promise<Result<unknown, UnitFailure>> {
    const call = { path: managerPath, interface: managerInterface, member };
    return this.#connection.call(
      signature === undefined ? call : { ...call, signature, body },
      what,
      timeoutMs,
    );
  }
}

const unreadable = (member: string): ReturnType<typeof fail<UnitFailure>> =>
  fail(
    'failed',
    `systemd's answer to ${member} has an unknown form; this systemd is older or newer than hamn knows.`,
  );
