import { type ClockPort, type Deadline, pause } from '@hamn/engine';
import { killProcess, mountAt, parseMounts } from '@hamn/linux';
import { descriptorsOf, eachProcess, linkOr, namedProcess, readOr, stateOf } from './scan.ts';

/** A process that keeps a directory or a device from being given back. */
export interface Holder {
  readonly pid: number;
  /** `its working directory`, `an open file` ... */
  readonly how: string;
}

/** What is held: everything at and below a directory, or a device. */
export interface Held {
  readonly path: string;
  /** `major:minor` of a mounted file system: who has another mount namespace holds it only if it is mounted there, too. */
  readonly device?: string | undefined;
}

const pollMs = 20;
const ownNamespace = (): string => linkOr('/proc/1/ns/mnt', '');

/**
 * Who holds it, by what /proc shows: links are read as text and never followed, so that a file system that hangs is not touched. This process and
 * systemd are left out.
 */
export async function holdersOf(held: Held): Promise<readonly Holder[]> {
  const found: Holder[] = [];
  const sees = namespaceCheck(held);
  await eachProcess((pid) => {
    if (pid === process.pid || pid === 1) return;
    const how = howHeld(pid, held.path);
    if (how !== undefined && sees(pid)) found.push({ pid, how });
  });
  return found;
}

function howHeld(pid: number, path: string): string | undefined {
  const isHeld = (target: string): boolean => isAtOrBelow(target, path);
  if (isHeld(linkOr(`/proc/${pid}/cwd`, ''))) return 'its working directory';
  if (isHeld(linkOr(`/proc/${pid}/root`, ''))) return 'its root';
  if (descriptorsOf(pid).some((file) => isHeld(linkOr(`/proc/${pid}/fd/${file}`, '')))) return 'an open file';
  // These two wait for the memory of a process, which one that hangs may have locked.
  if (stateOf(pid) === 'D') return undefined;
  if (isHeld(linkOr(`/proc/${pid}/exe`, ''))) return 'its program';
  const isMapped = readOr(`/proc/${pid}/maps`, '')
    .split('\n')
    .some((line) => isHeld(line.slice(line.indexOf('/'))));
  return isMapped ? 'a mapped file' : undefined;
}

const isAtOrBelow = (target: string, path: string): boolean => {
  const plain = target.replace(/ \(deleted\)$/, '');
  return plain === path || plain.startsWith(path === '/' ? '/' : `${path}/`);
};

/** A container may have something else at the same path. */
function namespaceCheck({ path, device }: Held): (pid: number) => boolean {
  const known = new Map<string, boolean>([[ownNamespace(), true]]);
  return (pid) => {
    if (device === undefined) return true;
    const namespace = linkOr(`/proc/${pid}/ns/mnt`, '');
    const answer =
      known.get(namespace) ??
      mountAt(parseMounts(readOr(`/proc/${pid}/mountinfo`, '')), path)?.device === device;
    known.set(namespace, answer);
    return answer;
  };
}

export const named = (holders: readonly Holder[]): string =>
  holders.map(({ pid, how }) => `${namedProcess(pid)} by ${how}`).join(', ');

/** SIGKILL to whoever holds it until nobody does; who is left at the limit. */
export async function killHolders(held: Held, clock: ClockPort, limit: Deadline): Promise<readonly Holder[]> {
  for (;;) {
    const holders = await holdersOf(held);
    if (holders.length === 0 || limit.leftMs() <= pollMs) return holders;
    for (const { pid } of holders) killProcess(pid);
    await pause(clock, pollMs);
  }
}
