import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { processesWorkingIn } from './process-table.ts';
import { until } from './testing/until.ts';

test('a process is found by its command and working directory', async () => {
  const directory = realpathSync(mkdtempSync(`${tmpdir()}/hamn-table-`));
  const child = spawn('sleep', ['60'], { cwd: directory, stdio: 'ignore' });
  try {
    await until('it runs', () => processesWorkingIn([directory], ['sleep']).includes(child.pid ?? 0));
    expect(processesWorkingIn([directory], ['postgres'])).toEqual([]);
    expect(processesWorkingIn([`${directory}-2`], ['sleep'])).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
});
