import { type IpAddress, ipOf } from '../address.ts';
import { decodeAttributes, encodeAttribute, uint32, uint32At } from './message.ts';

/** An address as the kernel holds it. */
export interface KernelAddress {
  readonly ip: IpAddress;
  readonly prefixLength: number;
  readonly interfaceIndex: number;
  /** IPv4: another address of the same subnet came before; IPv6: never. */
  readonly secondary: boolean;
  /** It has no lifetime. */
  readonly permanent: boolean;
  /** IPv6: duplicate detection has not ended, or found another owner. */
  readonly tentative: boolean;
  /** Undefined: for ever. */
  readonly validSeconds: number | undefined;
  readonly preferredSeconds: number | undefined;
}

/** An address to be put on an interface. */
export interface NewAddress {
  readonly ip: IpAddress;
  readonly prefixLength: number;
  readonly interfaceIndex: number;
  /** Whole seconds until the kernel takes it away by itself; undefined: never. */
  readonly validSeconds: number | undefined;
  /** Whole seconds until it is deprecated; 0: at once; undefined: never. Not above `validSeconds`. */
  readonly preferredSeconds: number | undefined;
  /** IPv6: use it at once, without duplicate detection. */
  readonly withoutDuplicateDetection: boolean;
  /** Leave the connected route of the prefix alone: it belongs to another address of the interface. */
  readonly withoutPrefixRoute: boolean;
}

const AF_INET = 2;
const AF_INET6 = 10;
const forEver = 0xffffffff;
const headerSize = 8;
const attributeTypes = { address: 1, local: 2, cacheInfo: 6, flags: 8 } as const;
const flagBits = {
  /** IFA_F_SECONDARY; the same bit is IFA_F_TEMPORARY for IPv6. */
  secondary: 0x01,
  noDad: 0x02,
  dadFailed: 0x08,
  tentative: 0x40,
  permanent: 0x80,
  noPrefixRoute: 0x200,
} as const;

/** rtnetlink(7), struct ifaddrmsg. */
function header(ip: IpAddress, prefixLength: number, interfaceIndex: number): Buffer {
  const bytes = Buffer.alloc(headerSize);
  bytes.writeUInt8(ip.family === 4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt8(prefixLength, 1);
  bytes.writeUInt32LE(interfaceIndex, 4);
  return bytes;
}

export function encodeNewAddress(address: NewAddress): Buffer {
  const { ip } = address;
  const cacheInfo = Buffer.alloc(16);
  cacheInfo.writeUInt32LE(address.preferredSeconds ?? forEver, 0);
  cacheInfo.writeUInt32LE(address.validSeconds ?? forEver, 4);
  const flags =
    (address.withoutDuplicateDetection && ip.family === 6 ? flagBits.noDad : 0) |
    (address.withoutPrefixRoute ? flagBits.noPrefixRoute : 0);
  return Buffer.concat([
    header(ip, address.prefixLength, address.interfaceIndex),
    encodeAttribute(attributeTypes.local, ip.bytes),
    encodeAttribute(attributeTypes.address, ip.bytes),
    encodeAttribute(attributeTypes.cacheInfo, cacheInfo),
    encodeAttribute(attributeTypes.flags, uint32(flags)),
  ]);
}

export const encodeAddressRemoval = (address: KernelAddress): Buffer =>
  Buffer.concat([
    header(address.ip, address.prefixLength, address.interfaceIndex),
    encodeAttribute(attributeTypes.local, address.ip.bytes),
    encodeAttribute(attributeTypes.address, address.ip.bytes),
  ]);

/** Addresses of all families (AF_UNSPEC). */
export const addressDumpBody: Buffer = Buffer.alloc(headerSize);

/** Reads an RTM_NEWADDR or RTM_DELADDR body; undefined for families other than IPv4 and IPv6. */
export function decodeAddress(body: Buffer): KernelAddress | undefined {
  if (body.length < headerSize) return undefined;
  const family = body.readUInt8(0);
  const attributes = decodeAttributes(body.subarray(headerSize));
  // IPv4 on a point-to-point link has its own address in `local`, the peer's in `address`; IPv6 may have `address` only.
  const bytes = attributes.get(attributeTypes.local) ?? attributes.get(attributeTypes.address);
  if (bytes?.length !== { [AF_INET]: 4, [AF_INET6]: 16 }[family]) return undefined;
  if (bytes === undefined) return undefined;
  const flags = uint32At(attributes.get(attributeTypes.flags), 0) ?? body.readUInt8(2);
  const cacheInfo = attributes.get(attributeTypes.cacheInfo);
  return {
    ip: ipOf(Buffer.from(bytes)),
    prefixLength: body.readUInt8(1),
    interfaceIndex: body.readUInt32LE(4),
    secondary: family === AF_INET && (flags & flagBits.secondary) !== 0,
    permanent: (flags & flagBits.permanent) !== 0,
    tentative: (flags & (flagBits.tentative | flagBits.dadFailed)) !== 0,
    preferredSeconds: seconds(cacheInfo, 0),
    validSeconds: seconds(cacheInfo, 4),
  };
}

function seconds(cacheInfo: Buffer | undefined, offset: number): number | undefined {
  const value = uint32At(cacheInfo, offset) ?? forEver;
  return value === forEver ? undefined : value;
}
