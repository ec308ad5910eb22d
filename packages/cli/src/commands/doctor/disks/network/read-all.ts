import { join } from 'node:path';
import type { DiskPatient } from '../patient.ts';
import { readIfcfg } from './ifcfg.ts';
import { readIfupdown } from './ifupdown.ts';
import type { InterfaceFile, ReadInterfaceFile } from './interface-file.ts';
import { readKeyfile, readLinkFile, readNetworkFile } from './key-files.ts';
import { readNetplan } from './netplan.ts';
import { readUdevRules } from './udev-rules.ts';

interface Source {
  readonly folder: string;
  readonly names: RegExp;
  readonly read: ReadInterfaceFile;
}

/** Copies that editors and packages leave are read by nobody. */
const ifcfgNames = /^ifcfg-(?!lo$)(?!.*(\.bak|\.orig|\.rpmsave|\.rpmnew|~)$)/;

const sources: readonly Source[] = [
  { folder: '/etc/sysconfig/network-scripts', names: ifcfgNames, read: readIfcfg },
  { folder: '/etc/sysconfig/network', names: ifcfgNames, read: readIfcfg },
  { folder: '/etc/netplan', names: /\.yaml$/, read: readNetplan },
  // Before version 1.20 the names had no ending.
  { folder: '/etc/NetworkManager/system-connections', names: /^[^.~][^~]*$/, read: readKeyfile },
  { folder: '/etc/systemd/network', names: /\.network$/, read: readNetworkFile },
  { folder: '/etc/systemd/network', names: /\.link$/, read: readLinkFile },
  { folder: '/etc/udev/rules.d', names: /\.rules$/, read: readUdevRules },
  { folder: '/etc/network', names: /^interfaces$/, read: readIfupdown },
  { folder: '/etc/network/interfaces.d', names: /^[A-Za-z0-9_-]+$|\.cfg$/, read: readIfupdown },
];

export interface InterfaceFiles {
  readonly all: readonly InterfaceFile[];
  /** Files that are there and were not understood. */
  readonly unread: readonly string[];
}

export async function readInterfaceFiles(patient: DiskPatient): Promise<InterfaceFiles> {
  const all: InterfaceFile[] = [];
  const unread: string[] = [];
  for (const { folder, names, read } of sources)
    for (const name of (await patient.list(folder)).filter((each) => names.test(each))) {
      const file = join(folder, name);
      const text = await patient.read(file);
      const found = text === undefined ? undefined : read(text, file);
      if (found === undefined) unread.push(file);
      else all.push(...found);
    }
  return { all, unread };
}
