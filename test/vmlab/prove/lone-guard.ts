import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { waitFor } from '../../cluster/index.ts';
import { installPackage } from '../../cluster/install.ts';
import { isVm } from '../vm-disk.ts';
import type { VmLab } from '../vm-lab.ts';
import { demand } from './proof.ts';

/** A machine with PostgreSQL and the guard of the package, and a stand-in for hamnd that arms it and renews for ever. */
export const LONE_NODE = 'sn1';

/** Beside hamn's own programs, where the packages with machine code are found. */
const PROGRAM = '/usr/lib/hamn/vmlab-renewer.mjs';
const SOURCE = join(import.meta.dirname, '../../../packages/guard/src/testing/renewer.ts');
export const RENEWER = 'vmlab-renewer.service';
const WRITER = 'vmlab-writer.service';
export const DATABASE = 'postgresql@15-main.service';
/** The stand-in renews each tenth of it, and always for half of it. */
export const TERM_MS = 30_000;

const PLAN = JSON.stringify({
  group: 'mn',
  units: [DATABASE],
  vips: [{ address: '10.99.0.10', prefixLength: 24, interface: 'eth0' }],
  dataDirectory: '/var/lib/postgresql/15/main',
});

const unit = (command: string, further = ''): string =>
  `[Unit]\nAfter=${DATABASE} hamn-guard.service\n\n[Service]\nExecStart=${command}\n${further}`;

const FILES: Readonly<Record<string, string>> = {
  '/etc/hamn/hamn.yaml': '# The guard only looks whether it is there.\n',
  '/etc/hamn/plan.json': PLAN,
  '/etc/vmlab/write.sql': "select pg_logical_emit_message(true, 'vmlab', 'row')\n\\watch 0.2\n",
  [`/etc/systemd/system/${RENEWER}`]: unit(
    `/bin/sh -c 'exec /usr/lib/hamn/node ${PROGRAM} /run/hamn 1 ${TERM_MS} "$$(cat /etc/hamn/plan.json)"'`,
  ),
  [`/etc/systemd/system/${WRITER}`]: unit(
    '/usr/bin/psql -qAtX -f /etc/vmlab/write.sql postgres',
    'User=postgres\nStandardOutput=null\n',
  ),
  // It starts, and answers, late on an emulated machine.
  '/etc/systemd/system/hamn-guard.service.d/slowness.conf':
    '[Service]\nTimeoutStartSec=600\nWatchdogSec=300\n',
};

/** Everything is put onto the machine in namespaces, which is quick; then it moves. Used again with the same package. */
export async function loneMachine(lab: VmLab, packageFile: string): Promise<void> {
  const mark = join(lab.layout.labDir, 'lone-machine.sha256');
  const made = createHash('sha256')
    .update(readFileSync(packageFile))
    .update(JSON.stringify(FILES))
    .digest('hex');
  const isCurrent = existsSync(mark) && readFileSync(mark, 'utf8') === made;
  if (!isCurrent || !isVm(lab.layout, LONE_NODE)) {
    const { namespaces } = lab;
    if (isVm(lab.layout, LONE_NODE)) await lab.wipe(LONE_NODE);
    await namespaces.up([LONE_NODE]);
    await installPackage(namespaces, LONE_NODE, packageFile);
    for (const [path, text] of Object.entries(FILES)) await namespaces.writeFile(LONE_NODE, path, text);
    await copyProgram(lab);
    await lab.move([LONE_NODE]);
    writeFileSync(mark, made);
  }
  await lab.up([LONE_NODE]);
}

/** The guard with these settings, armed and renewed; PostgreSQL runs and writes. */
export async function armLoneGuard(
  lab: VmLab,
  settings: Readonly<Record<string, string>>,
  modules: readonly string[],
): Promise<void> {
  const lines = Object.entries(settings).map(([key, value]) => `Environment=${key}=${value}`);
  await lab.writeFile(
    LONE_NODE,
    '/etc/systemd/system/hamn-guard.service.d/vmlab.conf',
    `[Service]\n${lines.join('\n')}\n`,
  );
  const script = [
    'systemctl unmask --runtime --quiet hamn-guard.service',
    'systemctl daemon-reload',
    'systemctl enable --quiet hamn-guard.service',
    ...modules.map((module) => `modprobe ${module}`),
    `systemctl stop ${RENEWER} ${WRITER}`,
    'systemctl restart hamn-guard.service',
    `systemctl start ${DATABASE} ${WRITER} ${RENEWER}`,
  ].join(' && ');
  await lab.mustExec(LONE_NODE, ['sh', '-c', script], { timeoutMs: 100_000 });
  const armed = await waitFor(300_000, 1000, async () =>
    (await guardState(lab)) === 'armed' ? true : undefined,
  );
  demand(armed === true, `The guard of ${LONE_NODE} was not armed; it is ${await guardState(lab)}.`);
}

/** The phase in the guard's own record. */
export async function guardState(lab: VmLab): Promise<string> {
  const said = (await lab.exec(LONE_NODE, ['cat', '/run/hamn/guard.json'])).stdout;
  return /"phase":\s*"([a-z]+)"/.exec(said)?.[1] ?? `unknown (${said.trim()})`;
}

async function copyProgram(lab: VmLab): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hamn-renewer-'));
  const outfile = join(folder, 'renewer.mjs');
  try {
    await build({
      entryPoints: [SOURCE],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      external: ['koffi', 'netlink', '*.node'],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'warning',
    });
    await lab.namespaces.copyIn(LONE_NODE, outfile, PROGRAM);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
