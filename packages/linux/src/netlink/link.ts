import { formatMac } from '../address.ts';
import { decodeAttributes, encodeAttribute, uint32 } from './message.ts';

/** A network interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** '' where the interface has none. */
  readonly mac: string;
  /** Set up by the admin (IFF_UP). */
  readonly up: boolean;
  /** The wire is there (IFF_LOWER_UP). */
  readonly carrier: boolean;
  /** Speaks Ethernet and resolves addresses: the only kind where ARP and neighbour frames of hamn's own make sense. */
  readonly ethernet: boolean;
}

const ARPHRD_ETHER = 1;
const flagBits = { up: 0x1, noArp: 0x80, lowerUp: 0x10000 } as const;
const attributeTypes = { address: 1, name: 3, extendedMask: 29 } as const;
/** RTEXT_FILTER_SKIP_STATS: the counters are most of a link's message, and nobody here reads them. */
const skipStatistics = 8;
const headerSize = 16;

export const linkDumpBody: Buffer = Buffer.concat([
  Buffer.alloc(headerSize),
  encodeAttribute(attributeTypes.extendedMask, uint32(skipStatistics)),
]);

/** Reads an RTM_NEWLINK or RTM_DELLINK body (rtnetlink(7), struct ifinfomsg). */
export function decodeLink(body: Buffer): Link | undefined {
  if (body.length < headerSize) return undefined;
  const flags = body.readUInt32LE(8);
  const attributes = decodeAttributes(body.subarray(headerSize));
  const name = attributes.get(attributeTypes.name);
  if (name === undefined) return undefined;
  return {
    index: body.readInt32LE(4),
    name: name.toString('utf8').replace(/\0.*$/s, ''),
    mac: formatMac(attributes.get(attributeTypes.address) ?? Buffer.alloc(0)),
    up: (flags & flagBits.up) !== 0,
    carrier: (flags & flagBits.lowerUp) !== 0,
    ethernet: body.readUInt16LE(2) === ARPHRD_ETHER && (flags & flagBits.noArp) === 0,
  };
}
