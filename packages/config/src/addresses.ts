import ipaddr from 'ipaddr.js';

/** An address with its network's length: `10.1.0.223/24`. */
export interface Cidr {
  /** As the kernel prints it (RFC 5952 for IPv6). */
  readonly address: string;
  readonly prefixLength: number;
}

type Parsed = ipaddr.IPv4 | ipaddr.IPv6;

/** Only the full forms: ipaddr.js itself would read 010.1 as an octal short form. */
function parse(text: string): Parsed | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) return ipaddr.IPv6.parse(text);
  return undefined;
}

/** The address as the kernel prints it, or undefined when it is none. */
export const readAddress = (text: string): string | undefined => parse(text)?.toString();

export function readCidr(text: string): Cidr | undefined {
  const [, host = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parse(host);
  if (address === undefined || Number(length) > bits(address)) return undefined;
  return { address: address.toString(), prefixLength: Number(length) };
}

const bits = (address: Parsed): number => (address.kind() === 'ipv4' ? 32 : 128);

export const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4');

/** Whether `address` lies in the network of `cidr`; false for another family. */
export function contains(cidr: Cidr, address: string): boolean {
  const network = parse(cidr.address);
  const host = parse(address);
  if (network === undefined || host === undefined || network.kind() !== host.kind()) return false;
  return masked(network, cidr.prefixLength) === masked(host, cidr.prefixLength);
}

/** `10.1.0.0/24` for any address in it. */
export function networkOf(cidr: Cidr): string {
  const address = parse(cidr.address);
  return address === undefined ? '' : `${masked(address, cidr.prefixLength)}/${cidr.prefixLength}`;
}

function masked(address: Parsed, prefixLength: number): string {
  return fromBytes(
    address.toByteArray().map((byte, index) => {
      const kept = Math.min(8, Math.max(0, prefixLength - index * 8));
      return byte & (0xff << (8 - kept)) & 0xff;
    }),
  );
}

function broadcast(address: Parsed, prefixLength: number): string {
  return fromBytes(
    address.toByteArray().map((byte, index) => {
      const kept = Math.min(8, Math.max(0, prefixLength - index * 8));
      return byte | (0xff >> kept);
    }),
  );
}

const fromBytes = (bytes: number[]): string => ipaddr.fromByteArray(bytes).toString();

/** Why an address cannot be that of a host, as the end of a sentence (`it is …`), or undefined. */
export function unusableBecause(address: string): string | undefined {
  const range = parse(address)?.range();
  if (range === 'unspecified') return 'the unspecified address';
  if (range === 'multicast') return 'a multicast address';
  if (range === 'broadcast') return 'the broadcast address';
  if (range === 'ipv4Mapped') return 'an IPv4 address in IPv6 clothes; write it as an IPv4 address';
  if (range === 'linkLocal' && address.includes(':'))
    return 'a link-local address, which means nothing without its interface';
  return undefined;
}

export const isLoopback = (address: string): boolean => parse(address)?.range() === 'loopback';

/** Whether a VIP was written as its network's own address, or as its broadcast address. */
export function roleInNetwork(cidr: Cidr): 'network' | 'broadcast' | 'host' {
  const address = parse(cidr.address);
  if (address === undefined || cidr.prefixLength >= bits(address) - 1) return 'host';
  if (masked(address, cidr.prefixLength) === cidr.address) return 'network';
  if (address.kind() === 'ipv4' && broadcast(address, cidr.prefixLength) === cidr.address) return 'broadcast';
  return 'host';
}
