import { spawn } from 'node:child_process';
import { done, fail, type Result } from '@hamn/core';
import type { UnitFailure } from '@hamn/engine';

const outputKept = 2000;
/** systemctl(1), EXIT STATUS: the LSB's codes. */
const exitNoSuchUnit: readonly number[] = [4, 5];

/** systemctl as a child with a limit: the way round when D-Bus is not there. It is killed at the limit. */
export function systemctl(
  argv: readonly string[],
  timeoutMs: number,
): Promise<Result<undefined, UnitFailure>> {
  const command = `systemctl ${argv.join(' ')}`;
  return new Promise((resolve) => {
    let output = '';
    const child = spawn('systemctl', ['--no-ask-password', '--no-pager', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      timeout: Math.max(1, Math.ceil(timeoutMs)),
      killSignal: 'SIGKILL',
    });
    const keep = (text: unknown): void => {
      output = (output + String(text)).slice(-outputKept);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) =>
      resolve(fail('unreachable', `${command} could not be run: ${error.message}.`)),
    );
    // 'exit', not 'close': a grandchild may keep the pipes open.
    child.on('exit', (code, signal) => {
      const said = output.trim();
      if (code === 0) resolve(done);
      else if (signal === 'SIGKILL')
        resolve(fail('timeout', `${command} did not end within ${Math.ceil(timeoutMs)} ms. ${said}`));
      else if (code !== null && exitNoSuchUnit.includes(code))
        resolve(fail('no-such-unit', `${command} failed: ${said}`));
      else resolve(fail('failed', `${command} failed with ${code ?? signal}: ${said}`));
    });
  });
}
