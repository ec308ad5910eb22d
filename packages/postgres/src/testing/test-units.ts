import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { fail, ok, type UnitView } from '@hamn/core';
import type { UnitPort } from '@hamn/engine';
import { testClock } from '@hamn/engine/testing';
import { startLimit } from '../limit.ts';
import { asAccount, findAccount } from '../process/account.ts';
import { findPostmaster, signal, waitForDeath } from '../process/postmaster.ts';

export interface TestUnit {
  readonly unit: string;
  readonly dataDirectory: string;
  readonly configFile: string;
  readonly logFile: string;
}

/** Runs `postgres` itself where a machine would have systemd and the distribution's unit. */
export function testUnits(own: TestUnit): UnitPort {
  const view = async (): Promise<UnitView> => {
    const alive = (await findPostmaster(own.dataDirectory)) !== undefined;
    return {
      unit: own.unit,
      loaded: true,
      active: alive ? 'active' : 'inactive',
      sub: alive ? 'running' : 'dead',
      enabled: false,
      result: 'success',
    };
  };
  return {
    observe: async () => ok([await view()]),
    start: async (_unit, timeoutMs) => {
      if ((await findPostmaster(own.dataDirectory)) !== undefined) return ok(undefined);
      const exit = await launch(own);
      const limit = startLimit(testClock, timeoutMs);
      while ((await findPostmaster(own.dataDirectory)) === undefined) {
        if (exit.code !== undefined)
          return fail('failed', `postgres ended with code ${exit.code}; see ${own.logFile}.`);
        if (limit.over()) return fail('timeout', 'postgres did not start.');
        await limit.pause(5);
      }
      return ok(undefined);
    },
    stop: async (_unit, timeoutMs) => {
      const postmaster = await findPostmaster(own.dataDirectory);
      if (postmaster === undefined) return ok(undefined);
      signal(postmaster.pid, 'SIGINT');
      const dead = await waitForDeath(own.dataDirectory, postmaster.pid, startLimit(testClock, timeoutMs));
      return dead ? ok(undefined) : fail('timeout', 'postgres did not stop.');
    },
    wasOwned: async () => false,
    own: async () => ok(undefined),
    watch: () => undefined,
  };
}

async function launch(own: TestUnit): Promise<{ code: number | undefined }> {
  const account = await findAccount('postgres');
  if (!account.ok) throw new Error(account.error.message);
  // Not with asAccount's death signal: the server outlives the one who started it.
  const words = asAccount(account.value, [
    '/usr/lib/postgresql/15/bin/postgres',
    '-D',
    own.dataDirectory,
    '-c',
    `config_file=${own.configFile}`,
  ]).filter((word) => !word.startsWith('--pdeathsig'));
  const log = openSync(own.logFile, 'a');
  const [program = '', ...args] = words;
  const child = spawn(program, args, { cwd: '/', detached: true, stdio: ['ignore', log, log] });
  const exit: { code: number | undefined } = { code: undefined };
  child.on('error', () => {
    exit.code = -1;
  });
  child.on('exit', (code) => {
    exit.code = code ?? -1;
  });
  child.unref();
  return exit;
}
