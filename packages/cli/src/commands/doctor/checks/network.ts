import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { didYouMean } from '@hamn/config';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

export async function checkNetwork({ file, settings }: Patient): Promise<readonly Finding[]> {
  const interfaces = networkInterfaces();
  const own = Object.values(interfaces).some((addresses) =>
    addresses?.some(({ address }) => address === file.address),
  );
  const findings: Finding[] = own
    ? [well(`This machine has the address ${file.address}.`)]
    : [
        broken(
          `No interface of this machine has the address ${file.address}.`,
          'The other nodes look for this one there.',
          'Correct the network or `address` in the node file.',
        ),
      ];
  if (file.role === 'witness') return findings;
  const wanted = new Set((settings?.vips ?? []).map((vip) => vip.interface));
  const found = await Promise.all([...wanted].map((name) => checkInterface(name, Object.keys(interfaces))));
  return [...findings, ...found];
}

/** Source: the kernel's Documentation/ABI/testing/sysfs-class-net. */
async function checkInterface(name: string, others: readonly string[]): Promise<Finding> {
  const state = await readSys(`/sys/class/net/${name}/operstate`);
  const why = 'This node cannot carry the VIP, so clients would not reach it as primary.';
  if (state === undefined)
    return broken(
      `There is no interface ${name}, which a VIP wants.${didYouMean(name, others)}`,
      why,
      `Correct \`interface\` of the VIP (here are ${others.filter((other) => other !== 'lo').join(', ') || 'none but lo'}), or bring the interface up under that name.`,
    );
  if (state === 'down' || state === 'lowerlayerdown')
    return doubtful(
      `The interface ${name}, which a VIP wants, is ${state}.`,
      why,
      `ip link set ${name} up; look at its cable.`,
    );
  return well(`The interface ${name} is there (${state}).`);
}

async function readSys(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
