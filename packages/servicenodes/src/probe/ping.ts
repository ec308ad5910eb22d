import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { type RunCommand, runCommand } from '../command/run-command.ts';

/** `unmade`: the probe could not be made here. */
export type ProbeFailure = 'failed' | 'unmade';

/**
 * One ICMP echo by the distribution's ping (iputils). Exit codes, ping(8): 0 an answer,
 * 1 none, 2 another error; "Network is unreachable" is an error of this node's.
 */
export async function ping(
  address: string,
  limitMs: number,
  clock: ClockPort,
  program = 'ping',
  run: RunCommand = runCommand,
): Promise<Result<string, ProbeFailure>> {
  const seconds = Math.max(0.1, (limitMs - 200) / 1000).toFixed(1);
  const args = ['-n', '-q', '-c', '1', '-W', seconds, '--', address];
  const ran = await run(program, args, limitMs, clock);
  if (!ran.ok)
    return ran.error.code === 'timeout'
      ? fail('failed', `${address} did not answer within ${limitMs} ms.`)
      : fail(
          'unmade',
          `${ran.error.message} Install iputils-ping, or leave ping and interface out of \`probes\`.`,
        );
  const { code, stderr } = ran.value;
  if (code === 0) return ok(`${address} answers.`);
  if (code === 1) return fail('failed', `${address} did not answer within ${limitMs} ms.`);
  return fail(
    'unmade',
    `ping of ${address} could not be made: ${stderr.replace(/\s+/g, ' ').trim().slice(0, 200) || `exit code ${code}`}.`,
  );
}
