import { isIP } from 'node:net';
import { fail, ok, type Result } from '@hamn/core';

/** An IP address in one unmistakable form: two are the same address exactly when their texts are equal. */
export interface IpAddress {
  readonly family: 4 | 6;
  /** As the kernel prints it (IPv6: RFC 5952). */
  readonly text: string;
  /** 4 or 16 bytes in network order. */
  readonly bytes: Buffer;
}

/** Reads an address without a zone and without a prefix length. Errors: `bad-address`. */
export function parseIp(text: string): Result<IpAddress, 'bad-address'> {
  switch (text.includes('%') ? 0 : isIP(text)) {
    case 4:
      return ok(ipOf(Buffer.from(text.split('.').map(Number))));
    case 6:
      return ok(ipOf(parseIpv6(text)));
    default:
      return fail(
        'bad-address',
        `'${text}' is not an IPv4 or IPv6 address (write it like 10.1.0.223 or fd99::10).`,
      );
  }
}

/** `bytes` are 4 or 16 in network order. */
export function ipOf(bytes: Buffer): IpAddress {
  return bytes.length === 4
    ? { family: 4, text: [...bytes].join('.'), bytes }
    : { family: 6, text: formatIpv6(bytes), bytes };
}

/** The text is known to be a valid IPv6 address. */
function parseIpv6(text: string): Buffer {
  const [head = '', tail] = text.split('::');
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const middle = Array<number>(8 - first.length - last.length).fill(0);
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...first, ...middle, ...last].entries())
    bytes.writeUInt16BE(group, index * 2);
  return bytes;
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function formatIpv6(bytes: Buffer): string {
  const parts = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  let start = 0;
  let length = 0;
  for (let from = 0; from < 8; from += 1) {
    let to = from;
    while (to < 8 && parts[to] === 0) to += 1;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const hex = (some: readonly number[]): string => some.map((part) => part.toString(16)).join(':');
  if (length < 2) return hex(parts);
  return `${hex(parts.slice(0, start))}::${hex(parts.slice(start + length))}`;
}

/** Whether both addresses lie in one network of that prefix length. */
export function samePrefix(a: Buffer, b: Buffer, prefixLength: number): boolean {
  if (a.length !== b.length) return false;
  const whole = prefixLength >> 3;
  if (!a.subarray(0, whole).equals(b.subarray(0, whole))) return false;
  const rest = prefixLength & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((a[whole] ?? 0) & mask) === ((b[whole] ?? 0) & mask);
}

/** `aa:bb:cc:dd:ee:ff` from the bytes of a link-layer address. */
export const formatMac = (bytes: Buffer): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
