import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { done, fail, ok, type ResourceAct, type Result } from '@hamn/core';
import type { ClockPort, Permit, ResourceFailure, TransientEnd, TransientPort, UnitPort } from '@hamn/engine';
import { controlGroupOf, killControlGroup } from '@hamn/linux';
import { said } from '@hamn/ocf';
import { type KindCall, ofUnit } from '../kind-adapter.ts';
import { environmentText, ground } from './environment.ts';
import { messageOf } from './errors.ts';
import type { Outputs } from './outputs.ts';
import { keepShort, type Tail, tailOf } from './tail-file.ts';

export interface UnitRun {
  readonly unit: string;
  readonly act: ResourceAct;
  readonly command: readonly [string, ...string[]];
  /** Everybody on this node can read it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** In place of `environment` and all that is usual: the whole environment, which only root can read. */
  readonly secretEnvironment?: Readonly<Record<string, string>> | undefined;
  readonly remains?: boolean;
}

/** The program ended by itself. */
export interface RunEnd {
  readonly code: number;
  readonly output: Tail;
}

export interface UnitRunDeps {
  readonly clock: ClockPort;
  readonly units: UnitPort & TransientPort;
  readonly outputs: Outputs;
  readonly directory: string;
}

/** Of what is left of a call's limit, for ending a program that does not: no more than a quarter. */
const endingMs = 2000;
const trimEveryMs = 1000;
const stopMs = 3000;

/**
 * Runs a program in a unit of its own. Ok: it ended by itself, with any code. `timeout`: it was ended at its limit. It is ended, too, when the call
 * is interrupted.
 */
export async function runInUnit(
  deps: UnitRunDeps,
  call: KindCall,
  run: UnitRun,
  permit: Permit,
): Promise<Result<RunEnd, ResourceFailure>> {
  const file = join(deps.directory, `${run.unit}.log`);
  const secretFile = join(deps.directory, `${run.unit}.env`);
  const prepared = await prepare(deps.directory, file, secretFile, run);
  if (!prepared.ok) return prepared;
  const { name } = call.settings;
  const record = deps.outputs.begin(name, run.act, file);
  const leftMs = call.limit.leftMs();
  const reserveMs = Math.min(endingMs, leftMs / 4);
  const limitMs = leftMs - reserveMs;
  const interrupt = (): void => {
    deps.units.stop(run.unit, stopMs).catch(() => undefined);
  };
  call.signal.addEventListener('abort', interrupt);
  const untrim = every(deps.clock, trimEveryMs, () => keepShort(file));
  try {
    const ended = await deps.units.startTransient(
      run.unit,
      {
        description: `hamn: ${run.act} of ${name}`,
        command: run.command,
        environment: run.secretEnvironment === undefined ? usual(call, run) : {},
        environmentFile: run.secretEnvironment === undefined ? undefined : secretFile,
        outputFile: file,
        limitMs,
        remains: run.remains ?? false,
      },
      leftMs - reserveMs / 4,
      permit,
    );
    if (!ended.ok && ended.error.code === 'timeout') killAtOnce(run.unit);
    const tail = tailOf(file);
    const code = ended.ok && ended.value.kind === 'exited' ? ended.value.code : undefined;
    deps.outputs.end(name, record, code, tail);
    if (!ended.ok) return ofUnit(ended);
    return judged(run, ended.value, tail, limitMs);
  } finally {
    untrim();
    call.signal.removeEventListener('abort', interrupt);
    await rm(secretFile, { force: true });
  }
}

function usual(call: KindCall, run: UnitRun): Readonly<Record<string, string>> {
  return {
    ...ground,
    HAMN_RESOURCE: call.settings.name,
    HAMN_ACT: run.act,
    HAMN_ROLE: call.role,
    ...run.environment,
  };
}

async function prepare(
  directory: string,
  file: string,
  secretFile: string,
  { secretEnvironment }: UnitRun,
): Promise<Result<undefined, ResourceFailure>> {
  const text = environmentText(secretEnvironment ?? {});
  if (!text.ok) return text;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // systemd writes from the beginning of a file, and leaves what stood behind that.
    await rm(file, { force: true });
    if (secretEnvironment !== undefined) await writeFile(secretFile, text.value, { mode: 0o600 });
    return done;
  } catch (error) {
    return fail(
      'unusable',
      `${directory}, where the output of programs is kept, cannot be written: ${messageOf(error)}.`,
    );
  }
}

function judged(
  { command: [program] }: UnitRun,
  end: TransientEnd,
  output: Tail,
  limitMs: number,
): Result<RunEnd, ResourceFailure> {
  switch (end.kind) {
    case 'exited':
      return ok({ code: end.code, output });
    case 'timeout':
      return fail(
        'timeout',
        `${program} did not end within ${Math.round(limitMs)} ms and was killed.${words(output)}`,
      );
    case 'signalled':
      return fail('failed', `${program} was ended by signal ${end.signal}.${words(output)}`);
    case 'stopped':
      return fail('failed', `${program} was ended: its unit was stopped.${words(output)}`);
    case 'other':
      return fail(
        'failed',
        `${program} did not end by itself: systemd's result is ${end.result}.${words(output)}`,
      );
  }
}

/** The end of what a program wrote, as the end of a message. */
export const words = ({ text }: Tail): string => {
  const last = said('', text);
  return last === '' ? '' : ` It said: ${last}`;
};

/** At the very end of a limit, when systemd has not ended it. */
function killAtOnce(unit: string): void {
  const group = controlGroupOf(unit);
  if (group !== undefined) killControlGroup(group);
}

function every(clock: ClockPort, ms: number, run: () => void): () => void {
  let cancel = clock.after(ms, function again(): void {
    run();
    cancel = clock.after(ms, again);
  });
  return () => cancel();
}
