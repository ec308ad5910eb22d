import { type DrbdPeer, type DrbdState, isSync } from './state.ts';

/**
 * The answer of `drbdsetup status RESOURCE --json` (DRBD 9). Source: drbd-utils, drbdsetup.c, and its manual page. Undefined: the resource is not up;
 * `unreadable`: the text is none of its answers.
 */
export function parseStatus(text: string, resource: string): DrbdState | undefined | 'unreadable' {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return 'unreadable';
  }
  if (!Array.isArray(answer)) return 'unreadable';
  const found = answer.map(fieldsOf).find((one) => one['name'] === resource);
  if (found === undefined) return undefined;
  const devices = listOf(found['devices']);
  return {
    role: textOf(found['role']),
    disks: devices.map((device) => textOf(device['disk-state'])),
    hasQuorum: devices.every((device) => device['quorum'] !== false),
    peers: listOf(found['connections']).map(peerOf),
  };
}

function peerOf(connection: Fields): DrbdPeer {
  const volumes = listOf(connection['peer_devices']);
  const copying = volumes.find((volume) => isSync(textOf(volume['replication-state'])));
  const percent = copying?.['percent-in-sync'] ?? copying?.['done'];
  return {
    name: textOf(connection['name']),
    connection: textOf(connection['connection-state']),
    role: textOf(connection['peer-role']),
    // A node without a disk of its own on purpose lacks nothing.
    disks: volumes
      .filter((volume) => volume['peer-client'] !== true)
      .map((volume) => textOf(volume['peer-disk-state'])),
    sync:
      copying === undefined
        ? undefined
        : {
            state: textOf(copying['replication-state']),
            percent: typeof percent === 'number' ? percent : undefined,
          },
  };
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
