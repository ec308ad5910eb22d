import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { done, fail, type Result } from '@hamn/core';
import {
  type ClockPort,
  type Deadline,
  type Permit,
  pause,
  type ResourceFailure,
  type TransientPort,
  type UnitPort,
} from '@hamn/engine';
import { controlGroupOf, killControlGroup, processesIn } from '@hamn/linux';

export interface UnitDeps {
  readonly clock: ClockPort;
  readonly units: UnitPort & TransientPort;
}

export interface StopDeps {
  readonly clock: ClockPort;
  readonly units: Pick<UnitPort, 'stop'>;
}

type Outcome = Promise<Result<undefined, ResourceFailure>>;

const pollMs = 20;

export const processesOf = (unit: string): readonly number[] => {
  const group = controlGroupOf(unit);
  return group === undefined ? [] : processesIn(group);
};

/** Starts a daemon that goes into the background by itself; what it leaves runs on in the unit. */
export async function startUnit(
  { units }: UnitDeps,
  unit: string,
  what: {
    readonly description: string;
    readonly command: readonly [string, ...string[]];
    readonly folder: string;
  },
  limit: Deadline,
  permit: Permit,
): Outcome {
  const outputFile = join(what.folder, `${unit}.log`);
  rmSync(outputFile, { force: true });
  const started = await units.startTransient(
    unit,
    {
      description: what.description,
      command: what.command,
      environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' },
      outputFile,
      limitMs: limit.leftMs(),
      remains: true,
    },
    limit.leftMs(),
    permit,
  );
  if (!started.ok) return ofUnit(started);
  if (started.value.kind === 'exited' && started.value.code === 0) return done;
  return fail('failed', `${what.command[0]} could not be started; see ${outputFile}.`);
}

export async function stopUnits({ units }: StopDeps, names: readonly string[], limit: Deadline): Outcome {
  const ended = await Promise.all(names.map((name) => units.stop(name, limit.leftMs())));
  const bad = ended.find(({ ok }) => !ok);
  return bad === undefined ? done : ofUnit(bad);
}

/** SIGKILL until the control groups are empty. */
export async function killUnits(deps: StopDeps, names: readonly string[], limit: Deadline): Outcome {
  for (;;) {
    const left = names.flatMap(processesOf);
    if (left.length === 0) return stopUnits(deps, names, limit);
    if (limit.leftMs() <= 0)
      return fail(
        'timeout',
        `Not even SIGKILL ended the processes ${left.join(', ')}: they wait in the kernel.`,
      );
    for (const name of names) {
      const group = controlGroupOf(name);
      if (group !== undefined) killControlGroup(group);
    }
    await pause(deps.clock, pollMs);
  }
}

function ofUnit(result: Result<unknown, string>): Result<undefined, ResourceFailure> {
  if (result.ok) return done;
  const { code, message } = result.error;
  switch (code) {
    case 'timeout':
    case 'over':
    case 'unreachable':
      return fail(code, message);
    default:
      return fail('failed', message);
  }
}
