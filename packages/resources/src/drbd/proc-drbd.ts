import { type DrbdState, isSync } from './state.ts';

export interface ProcDrbd {
  /** `8.4.11`; 9 has no more than this line. */
  readonly version: string;
  /** By the minor of the device. */
  readonly devices: ReadonlyMap<number, DrbdState>;
}

/** /proc/drbd. Source: the DRBD 8.4 User's Guide, "Status information in /proc/drbd". Devices that are not configured are left out. */
export function parseProcDrbd(text: string): ProcDrbd | undefined {
  const [, version] = /^version: (\d+\.\d+\S*)/m.exec(text) ?? [];
  if (version === undefined) return undefined;
  const devices = new Map<number, DrbdState>();
  // Each device begins with its minor and lasts until the next one.
  for (const part of text.split(/^(?= *\d+: cs:)/m)) {
    const [, minor, connection, roles, disks] = /^ *(\d+): cs:(\S+)(?: ro:(\S+) ds:(\S+))?/.exec(part) ?? [];
    if (minor === undefined || connection === undefined || roles === undefined) continue;
    devices.set(Number(minor), deviceOf(part, connection, roles, disks ?? ''));
  }
  return { version, devices };
}

function deviceOf(part: string, state: string, roles: string, disks: string): DrbdState {
  const [role = '', peerRole = ''] = roles.split('/');
  const [disk = '', peerDisk = ''] = disks.split('/');
  const [, percent] = /sync'ed:\s*([\d.]+)%/.exec(part) ?? [];
  const isCopying = isSync(state);
  // 8.4 has one word for the connection and for what it does.
  const isConnected = isCopying || state === 'Connected' || /^Verify[ST]$/.test(state);
  return {
    role,
    disks: [disk],
    hasQuorum: true,
    peers: [
      {
        name: '',
        connection: isConnected ? 'Connected' : state,
        role: peerRole,
        disks: [peerDisk],
        sync: isCopying ? { state, percent: percent === undefined ? undefined : Number(percent) } : undefined,
      },
    ],
  };
}
