import { readdirSync, readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { type Chassis, readChassis } from '@hamn/linux';

/** What tells one machine from another, as far as it can be read. */
export interface MachineMark {
  /** The mainboard's own number; undefined where the platform has none. */
  readonly uuid?: string | undefined;
  /** The MACs of the network cards, sorted. */
  readonly macs: readonly string[];
  /** For people: another one alone does not make it another machine. Absent: a version wrote it that did not look. */
  readonly chassis?: Chassis | undefined;
}

/** DMI on x86_64 and ARM servers, the device tree on POWER. */
const uuidFiles: readonly string[] = ['/sys/class/dmi/id/product_uuid', '/proc/device-tree/system-id'];
const netFolder = '/sys/class/net';
const loopbackType = '772';
/** Addresses that the kernel drew by lot: bridges, bonds, tunnels (addr_assign_type in sysfs-class-net). */
const drawnByLot = '1';

export const readMachine = (): MachineMark => ({
  uuid: uuidFiles.map(readWord).find((text) => text !== undefined && text !== ''),
  macs: cards()
    .flatMap((card) => {
      if (readWord(`${netFolder}/${card}/type`) === loopbackType) return [];
      if (readWord(`${netFolder}/${card}/addr_assign_type`) === drawnByLot) return [];
      return readWord(`${netFolder}/${card}/address`) ?? [];
    })
    .filter((mac) => !/^(00:)*00$/.test(mac))
    .sort(),
  chassis: readChassis(),
});

/**
 * What differs, as a phrase; undefined when it may be the same machine. One mainboard is one machine, whatever cards are put into it; where its
 * number cannot be read one common network card is enough.
 */
export function otherMachine(was: MachineMark, now: MachineMark): string | undefined {
  if (was.uuid !== undefined && now.uuid !== undefined)
    return was.uuid === now.uuid ? undefined : `its mainboard is ${now.uuid}, it was ${was.uuid}`;
  if (was.macs.length === 0 || now.macs.length === 0 || now.macs.some((mac) => was.macs.includes(mac)))
    return undefined;
  return `its network cards are ${now.macs.join(', ')}, they were ${was.macs.join(', ')}`;
}

/**
 * Whether this machine has the address; any way of writing an IPv6 address will do. True for what is no address, and where it cannot be told.
 * Read from the routing tables, because libc leaves out interfaces whose cable is out.
 */
export function hasAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  const own = family === 4 ? localIpv4() : localIpv6();
  if (own === undefined) return true;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const wanted = new BlockList();
  wanted.addAddress(address, kind);
  return own.some((candidate) => wanted.check(candidate, kind));
}

/** `/proc/net/fib_trie` shows each address of the machine as a host route of type LOCAL in the line below it. */
function localIpv4(): readonly string[] | undefined {
  const text = readWord('/proc/net/fib_trie');
  if (text === undefined) return undefined;
  return [...text.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map((match) => match[1] ?? '');
}

/** `/proc/net/if_inet6`: 32 hexadecimal digits begin each line. */
function localIpv6(): readonly string[] | undefined {
  const text = readWord('/proc/net/if_inet6');
  if (text === undefined) return undefined;
  return [...text.matchAll(/^([0-9a-f]{32})\s/gm)].map((match) =>
    (match[1] ?? '').replace(/(.{4})(?=.)/g, '$1:'),
  );
}

const cards = (): readonly string[] => {
  try {
    return readdirSync(netFolder);
  } catch {
    return [];
  }
};

function readWord(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim();
  } catch {
    return undefined;
  }
}
