import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../cluster/index.ts';
import { certificatesDirectory } from '../cluster/options.ts';
import { lab } from '../integration/whole-cluster.ts';
import { machineOf } from '../lab/index.ts';
import { must } from './stage.ts';
import type { SyncSample } from './sync-order.ts';

/** Looks at a primary's synchronous set while `act` goes on; every look, in order. */
export async function watchSync(
  primary: string,
  witness: string,
  act: () => Promise<unknown>,
): Promise<readonly SyncSample[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hamn-sync-'));
  const log = join(folder, 'samples');
  let sampler: ChildProcess | undefined;
  try {
    for (const file of ['ca.crt', 'node.crt', 'node.key'])
      writeFileSync(
        join(folder, file),
        await lab.mustExec(witness, ['cat', `${certificatesDirectory}/${file}`]),
        {
          mode: 0o600,
        },
      );
    writeFileSync(log, '');
    const program = join(import.meta.dirname, 'sync-sampler.ts');
    const where = ['--primary', machineOf(primary).ipv4, '--etcd', machineOf(witness).ipv4];
    const argv = [process.execPath, program, ...where, '--tls', folder, '--log', log];
    const [command = '', ...rest] = lab.clientCommand(argv);
    sampler = spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
    const begun = await waitFor(15_000, 50, async () => (samplesIn(log).length > 5 ? true : undefined));
    must(begun === true, 'The synchronous set cannot be looked at.');
    await act();
    const gone = once(sampler, 'exit');
    sampler.kill('SIGTERM');
    await gone;
    return samplesIn(log);
  } finally {
    sampler?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const samplesIn = (log: string): readonly SyncSample[] =>
  readFileSync(log, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
