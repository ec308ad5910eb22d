import { endianness } from 'node:os';
import { readOr } from '../processes/scan.ts';

/** `tcp/3001` */
export interface Port {
  readonly protocol: 'tcp' | 'udp';
  readonly number: number;
}

export function portOf(text: string): Port | undefined {
  const [, protocol, number] = /^(tcp|udp)\/(\d{1,5})$/.exec(text) ?? [];
  return protocol === 'tcp' || protocol === 'udp' ? { protocol, number: Number(number) } : undefined;
}

/** TCP_LISTEN; a UDP socket that is bound and not connected has TCP_CLOSE. Source: proc_net_tcp in the kernel's documentation, net/tcp_states.h. */
const listening = { tcp: '0A', udp: '07' } as const;

/** 127.0.0.0/8 but for 127.0.0.1: systemd-resolved answers at 127.0.0.53 and is in nobody's way. The kernel writes the bytes in the host's order. */
const isStubAddress = (address: string): boolean => {
  const [, ...bytes] = /^(..)(..)(..)(..)$/.exec(address) ?? [];
  const [first, ...rest] = endianness() === 'LE' ? bytes.reverse() : bytes;
  return first === '7F' && rest.join('') !== '000001';
};

/** Inodes of the sockets that listen on a port, of a text as /proc/net/tcp has it. */
export function inodesIn(text: string, { protocol, number }: Port): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const at = local.lastIndexOf(':');
      const port = Number.parseInt(local.slice(at + 1), 16);
      if (isStubAddress(local.slice(0, at))) return [];
      return state === listening[protocol] && port === number && inode !== undefined ? [inode] : [];
    });
}

/** Of this network namespace, IPv4 and IPv6. */
export const listenersOn = (port: Port, folder = '/proc/net'): ReadonlySet<string> =>
  new Set(['', '6'].flatMap((family) => inodesIn(readOr(`${folder}/${port.protocol}${family}`, ''), port)));
