import { parse } from 'yaml';
import { z } from 'zod';
import {
  type InterfaceFile,
  interfaceFile,
  plainAddress,
  plainMac,
  type ReadInterfaceFile,
} from './interface-file.ts';

const yes = z.union([z.boolean(), z.string().transform((word) => /^(true|yes|on)$/i.test(word))]);
const linkSchema = z.looseObject({
  match: z.looseObject({ name: z.string().optional(), macaddress: z.string().optional() }).nullish(),
  'set-name': z.string().optional(),
  macaddress: z.string().optional(),
  dhcp4: yes.optional(),
  dhcp6: yes.optional(),
  addresses: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).nullish(),
});
const links = z.record(z.string(), linkSchema.nullable()).nullish();
const schema = z.looseObject({
  network: z
    .looseObject({ ethernets: links, bonds: links, bridges: links, vlans: links, wifis: links })
    .nullish(),
});

/** `/etc/netplan/*.yaml`. Source: netplan-yaml(5). */
export const readNetplan: ReadInterfaceFile = (text, file) => {
  const read = schema.safeParse(yamlOf(text));
  if (!read.success) return undefined;
  const { network } = read.data;
  const all = [network?.ethernets, network?.bonds, network?.bridges, network?.vlans, network?.wifis];
  return all.flatMap((group) =>
    Object.entries(group ?? {}).map(([id, link]) => interfaceFile(file, of(id, link ?? {}))),
  );
};

function of(id: string, link: z.infer<typeof linkSchema>): Partial<InterfaceFile> {
  const { match, macaddress } = link;
  const macs: InterfaceFile['macs'] = [
    ...(match?.macaddress === undefined
      ? []
      : ([{ mac: plainMac(match.macaddress), use: 'match', setting: `${id}: match: macaddress` }] as const)),
    ...(macaddress === undefined
      ? []
      : ([{ mac: plainMac(macaddress), use: 'set', setting: `${id}: macaddress` }] as const)),
  ];
  const dhcp = (['dhcp4', 'dhcp6'] as const).find((name) => link[name] === true);
  return {
    name: link['set-name'] ?? match?.name ?? id,
    macs,
    dhcp: dhcp === undefined ? undefined : `${id}: ${dhcp}: true`,
    addresses: (link.addresses ?? [])
      .map((entry) => (typeof entry === 'string' ? entry : (Object.keys(entry)[0] ?? '')))
      .map(plainAddress),
    names: link['set-name'] !== undefined,
  };
}

function yamlOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 10 }) ?? {};
  } catch {
    return undefined;
  }
}
