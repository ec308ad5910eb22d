import type { Machines } from './machines.ts';

/** As an admin installs it: one file, no Node on the machine. */
export async function installPackage(lab: Machines, node: string, packageFile: string): Promise<void> {
  await lab.copyIn(node, packageFile, '/root/hamn.deb');
  await lab.mustExec(node, ['dpkg', '-i', '/root/hamn.deb'], { timeoutMs: 120_000 });
  await lab.mustExec(node, ['rm', '-f', '/root/hamn.deb']);
}
