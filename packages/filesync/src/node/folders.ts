import { join } from 'node:path';
import { processUnits, type ResourceSettings } from '@hamn/core';
import { hostKeyFileIn } from './keys.ts';

export interface FileSyncOptions {
  readonly group: string;
  /** This node's name and address. */
  readonly node: string;
  readonly address: string;
  /** Keys and what survives a reboot. Usually /var/lib/hamn/sync. */
  readonly stateDirectory: string;
  /** On a file system that a reboot empties. Default: /run/hamn/sync. */
  readonly runDirectory?: string | undefined;
  /** The guard's file. Default: /run/hamn/term-deadline. */
  readonly deadlineFile?: string | undefined;
  /** The sender's program; the plan's file is its last argument. */
  readonly program: readonly [string, ...string[]];
  /** The forced command. Default: /usr/lib/hamn/sync-gate. */
  readonly gate?: string | undefined;
}

export interface Places {
  readonly folder: string;
  readonly address: string;
  readonly hostKeyFile: string;
  readonly gate: string;
  readonly standingFile: string;
  readonly planFile: string;
  /** The guard ends the sender with the term; what receives runs where the role is not. */
  readonly senderUnit: string;
  readonly receiverUnit: string;
}

export const runDirectoryOf = ({ runDirectory = '/run/hamn/sync' }: FileSyncOptions): string => runDirectory;

export function placesOf(
  options: FileSyncOptions,
  settings: Pick<ResourceSettings, 'name' | 'what'>,
): Places {
  const { group, address, stateDirectory } = options;
  const id = `${group}-${settings.name}`;
  const folder = join(runDirectoryOf(options), id);
  const [senderUnit = ''] = processUnits(group, settings);
  return {
    folder,
    address,
    hostKeyFile: hostKeyFileIn(stateDirectory),
    gate: options.gate ?? '/usr/lib/hamn/sync-gate',
    standingFile: join(stateDirectory, `${id}.standing`),
    planFile: join(folder, 'plan.json'),
    senderUnit,
    receiverUnit: `hamn-sync-${id}.service`,
  };
}
