import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type ResourceAct, type Result } from '@hamn/core';
import { always, type Permit, type ResourceFailure, termOver } from '@hamn/engine';
import { type ProgramFailure, runProgram } from '@hamn/ocf';
import type { KindCall } from '../kind-adapter.ts';
import type { ResourcesDeps, ResourcesOptions } from '../options.ts';
import { ground } from './environment.ts';
import type { Outputs } from './outputs.ts';
import { type RunEnd, runInUnit, type UnitRun } from './run-in-unit.ts';
import { keptBytes } from './tail-file.ts';

export type Command = readonly [string, ...string[]];

/** The ways in which kinds run programs. */
export interface Programs {
  /** In a unit of its own: the resource's programs. */
  inUnit(call: KindCall, run: UnitRun, permit: Permit): Promise<Result<RunEnd, ResourceFailure>>;
  /** A child of this process, with its confinement, for questions. */
  child(call: KindCall, act: ResourceAct, command: Command): Promise<Result<RunEnd, ResourceFailure>>;
  /** `mount`, `drbdadm`: in a unit, or as a child where the options say so. */
  system(call: KindCall, run: UnitRun, permit: Permit): Promise<Result<RunEnd, ResourceFailure>>;
  /** The path of a program of the system; undefined where it is not installed. */
  find(name: string): string | undefined;
}

const usualFolders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;
const graceMs = 200;
/** SIGKILL takes this long at most, or the process hangs in the kernel. */
const killMs = 1000;

export function createPrograms(
  options: ResourcesOptions,
  { clock, units }: ResourcesDeps,
  outputs: Outputs,
): Programs {
  const directory = options.directory ?? '/run/hamn/resources';
  const inUnit: Programs['inUnit'] = (call, run, permit) =>
    runInUnit({ clock, units, outputs, directory }, call, run, permit);

  const asChild = async (
    call: KindCall,
    act: ResourceAct,
    command: Command,
    permit: Permit,
  ): Promise<Result<RunEnd, ResourceFailure>> => {
    const { name } = call.settings;
    if (!permit()) return termOver(`${command[0]} was run`);
    const record = outputs.begin(name, act, undefined);
    const leftMs = call.limit.leftMs();
    const ended = await runProgram(
      {
        argv: command,
        env: { ...ground, HAMN_RESOURCE: name, HAMN_ACT: act, HAMN_ROLE: call.role },
        limitMs: leftMs - Math.min(graceMs + killMs, leftMs / 2),
        graceMs: Math.min(graceMs, leftMs / 8),
        keepBytes: keptBytes,
        signal: call.signal,
      },
      clock,
    );
    if (!ended.ok) {
      outputs.end(name, record, undefined, { text: '', cut: false });
      return fail(codes[ended.error.code], `${command[0]}: ${ended.error.message}`);
    }
    const { code, stdout, stderr } = ended.value;
    const output = {
      text: stdout.text + stderr.text,
      cut: stdout.droppedBytes + stderr.droppedBytes > 0,
    };
    outputs.end(name, record, code, output);
    return ok({ code, output });
  };

  return {
    inUnit,
    child: (call, act, command) => asChild(call, act, command, always),
    system: (call, run, permit) =>
      options.launcher === undefined
        ? inUnit(call, run, permit)
        : asChild(call, run.act, launched(options.launcher, run.command), permit),
    find: (name) =>
      (options.programFolders ?? usualFolders).map((folder) => join(folder, name)).find(isProgram),
  };
}

/** A command behind the beginning that the options give, if they give one. */
export const launched = (launcher: readonly string[] | undefined, command: Command): Command => {
  const [first, ...rest] = launcher ?? [];
  return first === undefined ? command : [first, ...rest, ...command];
};

const codes: Readonly<Record<ProgramFailure, ResourceFailure>> = {
  'not-started': 'unusable',
  timeout: 'timeout',
  interrupted: 'failed',
  killed: 'failed',
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Before a program of the admin's own is run: a full sentence when it cannot be. */
export function unusable([path]: readonly string[]): Result<never, 'unusable'> | undefined {
  if (path !== undefined && isProgram(path)) return undefined;
  return fail(
    'unusable',
    `${path ?? 'A program'} is not there or not executable on this node. Install it, or correct its path in the settings.`,
  );
}
