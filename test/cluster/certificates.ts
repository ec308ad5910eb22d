import { machineOf } from '../lab/index.ts';
import type { Machines } from './machines.ts';
import { type ClusterOptions, certificatesDirectory, nodesOf } from './options.ts';

/** Made on the first node with hamnctl, as an admin does it, and copied to the others. */
export async function makeCertificates(lab: Machines, options: ClusterOptions): Promise<void> {
  const [first = 'mn1'] = options.data;
  await lab.mustExec(first, ['hamnctl', 'certs', 'ca', '--dir', '/etc/hamn/ca'], { timeoutMs: 30_000 });
  for (const name of nodesOf(options)) await makeCertificate(lab, first, name);
}

/** One more, by the CA of `first`. */
export async function makeCertificate(lab: Machines, first: string, name: string): Promise<void> {
  const { ipv4, ipv6 } = machineOf(name);
  const out = name === first ? certificatesDirectory : `/root/tls-${name}`;
  const addresses = ['--address', ipv4, '--address', ipv6];
  const argv = ['hamnctl', 'certs', 'node', name, ...addresses, '--dir', '/etc/hamn/ca', '--out', out];
  await lab.mustExec(first, argv, { timeoutMs: 30_000 });
  if (name === first) return;
  await lab.mustExec(name, ['mkdir', '-p', '-m', '0700', certificatesDirectory]);
  for (const file of ['ca.crt', 'node.crt', 'node.key']) {
    const text = await lab.mustExec(first, ['cat', `${out}/${file}`]);
    await lab.writeFile(name, `${certificatesDirectory}/${file}`, text, 0o600);
  }
}
