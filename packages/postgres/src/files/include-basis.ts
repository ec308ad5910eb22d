import { slotName } from '@hamn/core';
import type { PostgresOptions } from '../options.ts';
import { totalBytes } from '../process/free-space.ts';
import { wantedCapacities } from './capacities.ts';
import type { ConfigTree } from './config-tree.ts';
import type { IncludeBasis } from './include-text.ts';
import type { Parameters } from './parameter-check.ts';
import type { LibpqTls } from './tls-files.ts';

const least = { senders: 10, slots: 10, walKeepMegabytes: 512 } as const;

/** A fifth of the file system, between 1 GB and 64 GB. */
const slotShare = 0.2;
const slotBounds = { low: 1024, high: 64 * 1024 } as const;

/** What hamn.conf says on this machine: never less than what the admin's own files, or the cluster's parameters, give. */
export async function includeBasis(
  options: PostgresOptions,
  own: {
    readonly passfile: string;
    readonly includeFile: string;
    readonly tls?: LibpqTls | undefined;
    readonly parameters?: Parameters | undefined;
  },
  tree: ConfigTree,
): Promise<IncludeBasis> {
  const admins = (name: string): string | undefined =>
    own.parameters?.[name] ??
    tree.settings.findLast((setting) => setting.name === name && setting.file !== own.includeFile)?.value;
  const count = (name: string, floor: number): number => Math.max(floor, wholeNumber(admins(name)) ?? 0);
  const walSenders = count('max_wal_senders', least.senders);
  const walKeep = memoryMegabytes(admins('wal_keep_size'));
  return {
    node: options.node,
    user: options.user,
    passfile: own.passfile,
    slot: slotName(options.node),
    walLevel: admins('wal_level') === 'logical' ? 'logical' : 'replica',
    walSenders,
    replicationSlots: count('max_replication_slots', least.slots),
    walKeepMegabytes:
      walKeep !== undefined && walKeep >= least.walKeepMegabytes ? undefined : least.walKeepMegabytes,
    slotKeepMegabytes:
      admins('max_slot_wal_keep_size') === undefined ? await slotKeep(options.dataDirectory) : undefined,
    hasOwnInitSync: admins('recovery_init_sync_method') !== undefined,
    tls: own.tls,
    parameters: own.parameters,
    capacities: wantedCapacities((name) => (name === 'max_wal_senders' ? `${walSenders}` : admins(name))),
  };
}

/** Rounded to whole gigabytes so that the file does not change with every look at the disk. */
async function slotKeep(dataDirectory: string): Promise<number> {
  const total = (await totalBytes(dataDirectory)) ?? 0;
  const share = Math.floor((total * slotShare) / 1024 ** 3) * 1024;
  return Math.min(slotBounds.high, Math.max(slotBounds.low, share));
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

const unitMegabytes: Readonly<Record<string, number>> = {
  B: 1 / 1024 / 1024,
  kB: 1 / 1024,
  MB: 1,
  GB: 1024,
  TB: 1024 * 1024,
};

/** A memory setting whose base unit is MB; undefined when it is not set or not understood. */
export function memoryMegabytes(text: string | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?$/.exec(text ?? '');
  return match === null ? undefined : Number(match[1]) * (unitMegabytes[match[2] ?? 'MB'] ?? 1);
}
