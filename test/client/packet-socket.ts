import koffi from 'koffi';

/**
 * A raw link-layer socket for one protocol on one interface (packet(7), SOCK_DGRAM: the kernel makes the Ethernet header). Needs
 * CAP_NET_RAW. Runs in whatever network namespace the process is in.
 */
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SOCKADDR_LL_BYTES = 20;
/** How long one receive blocks its thread; bounds how long `close` waits. */
const RECEIVE_LIMIT_MS = 200;

const libc = koffi.load('libc.so.6');
const ifNameToIndex = libc.func('unsigned int if_nametoindex(const char *name)');
const socketCall = libc.func('int socket(int domain, int type, int protocol)');
const bindCall = libc.func('int bind(int fd, void *address, unsigned int length)');
const sendTo = libc.func(
  'long sendto(int fd, void *data, size_t size, int flags, void *address, unsigned int length)',
);
const receive = libc.func('long recv(int fd, void *data, size_t size, int flags)');
const setOption = libc.func('int setsockopt(int fd, int level, int name, void *value, unsigned int length)');
const closeCall = libc.func('int close(int fd)');

export class PacketSocket {
  readonly #fd: number;
  readonly #protocol: number;
  readonly #ifIndex: number;
  #open = true;

  /** @throws Error with the call that failed and its error number */
  constructor(interfaceName: string, protocol: number) {
    this.#protocol = protocol;
    this.#ifIndex = checked(`if_nametoindex(${interfaceName})`, ifNameToIndex(interfaceName), 1);
    this.#fd = checked('socket', socketCall(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, swap16(protocol)), 0);
    const limit = Buffer.alloc(16);
    limit.writeBigInt64LE(BigInt(RECEIVE_LIMIT_MS) * 1000n, 8);
    checked('setsockopt', setOption(this.#fd, SOL_SOCKET, SO_RCVTIMEO, limit, limit.length), 0);
    const address = this.#address('00:00:00:00:00:00');
    checked('bind', bindCall(this.#fd, address, address.length), 0);
  }

  /** False when the kernel would not take it (the interface is down). */
  send(payload: Buffer, mac: string): boolean {
    const address = this.#address(mac);
    const sent: unknown = sendTo(this.#fd, payload, payload.length, 0, address, address.length);
    return Number(sent) === payload.length;
  }

  /** The next frame's payload, or undefined when none came within 200 ms. Blocks a thread of the pool, not the loop. */
  receive(): Promise<Buffer | undefined> {
    const buffer = Buffer.alloc(2048);
    return new Promise((resolve) => {
      receive.async(this.#fd, buffer, buffer.length, 0, (_: unknown, size: unknown) => {
        const length = Number(size);
        resolve(this.#open && length > 0 ? buffer.subarray(0, length) : undefined);
      });
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeCall(this.#fd);
  }

  /** struct sockaddr_ll: family and index in the host's order, the protocol in the network's. */
  #address(mac: string): Buffer {
    const address = Buffer.alloc(SOCKADDR_LL_BYTES);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16BE(this.#protocol, 2);
    address.writeInt32LE(this.#ifIndex, 4);
    address.writeUInt8(6, 11);
    Buffer.from(mac.replaceAll(':', ''), 'hex').copy(address, 12);
    return address;
  }
}

function checked(call: string, result: unknown, least: number): number {
  const value = Number(result);
  if (value >= least) return value;
  throw new Error(`${call} failed with error number ${koffi.errno()}.`);
}

const swap16 = (value: number): number => ((value & 0xff) << 8) | (value >> 8);
