import { descriptorsOf, eachProcess, linkOr, namedProcess } from '../processes/scan.ts';
import { listenersOn, type Port, portOf } from './sockets.ts';

const hasOneOf = (pid: number, inodes: ReadonlySet<string>): boolean =>
  descriptorsOf(pid).some((file) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOr(`/proc/${pid}/fd/${file}`, '')) ?? [];
    return inode !== undefined && inodes.has(inode);
  });

export interface PortState {
  readonly port: string;
  /** Somebody listens, in whichever process. */
  readonly isTaken: boolean;
  /** One of these processes does. */
  readonly isOwn: boolean;
}

/** systemd listens for a unit that a socket unit starts. */
const systemd = 1;

/** Only the processes that are asked about are looked into. */
export const portStates = (ports: readonly string[], own: readonly number[]): readonly PortState[] =>
  ports.flatMap((text) => {
    const inodes = inodesOf(text);
    const isOwn = inodes.size > 0 && [...own, systemd].some((pid) => hasOneOf(pid, inodes));
    return [{ port: text, isTaken: inodes.size > 0, isOwn }];
  });

/** A sentence for each port that somebody other than `allowed` (and systemd for its sockets) holds, with the holder's name. */
export async function foreignHolders(
  ports: readonly string[],
  allowed: readonly number[],
): Promise<readonly string[]> {
  const taken = ports
    .map((text) => ({ text, inodes: inodesOf(text) }))
    .filter(({ inodes }) => inodes.size > 0);
  if (taken.length === 0) return [];
  const holders = new Map<string, number[]>(taken.map(({ text }) => [text, []]));
  await eachProcess((pid) => {
    for (const { text, inodes } of taken) if (hasOneOf(pid, inodes)) holders.get(text)?.push(pid);
  });
  return taken.flatMap(({ text }) => {
    const pids = holders.get(text) ?? [];
    if (pids.some((pid) => pid === systemd || allowed.includes(pid))) return [];
    const who =
      pids.length === 0 ? 'the kernel, or a process of a container' : pids.map(namedProcess).join(', ');
    return [`${text} is held by ${who}.`];
  });
}

function inodesOf(text: string): ReadonlySet<string> {
  const port: Port | undefined = portOf(text);
  return port === undefined ? new Set() : listenersOn(port);
}
