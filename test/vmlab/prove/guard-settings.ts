import { isVm } from '../vm-disk.ts';
import type { VmLab } from '../vm-lab.ts';
import type { ProofSite } from './proof.ts';

const DROP_IN = '/etc/systemd/system/hamn-guard.service.d/vmlab.conf';
const MODULES = '/etc/modules-load.d/vmlab.conf';

/** As an administrator does it, on each machine: a drop-in of the guard's unit, and modules that are loaded at each boot. */
export async function setGuards(
  { lab, cluster }: ProofSite,
  settings: Readonly<Record<string, string>>,
  modules: readonly string[] = [],
): Promise<void> {
  const lines = Object.entries(settings).map(([key, value]) => `Environment=${key}=${value}`);
  const text = `[Service]\n${lines.join('\n')}\n`;
  for (const node of cluster.options.data.filter((each) => isVm(lab.layout, each)))
    await setGuard(lab, node, text, modules);
}

async function setGuard(lab: VmLab, node: string, text: string, modules: readonly string[]): Promise<void> {
  if ((await lab.exec(node, ['cat', DROP_IN])).stdout === text) return;
  await lab.writeFile(node, DROP_IN, text);
  await lab.writeFile(node, MODULES, `${modules.join('\n')}\n`);
  for (const module of modules) await lab.mustExec(node, ['modprobe', module]);
  await lab.mustExec(node, ['systemctl', 'daemon-reload'], { timeoutMs: 60_000 });
  await lab.mustExec(node, ['systemctl', 'restart', 'hamn-guard.service'], { timeoutMs: 60_000 });
}

/** The PID of the guard in the machine. */
export async function guardPid(lab: VmLab, node: string): Promise<string> {
  const argv = ['systemctl', 'show', '--property=MainPID', '--value', 'hamn-guard.service'];
  return (await lab.mustExec(node, argv)).trim();
}
