import { done, fail, ok, type Result } from '@hamn/core';
import { errnoName, type KernelErrorCode, kernelErrorCode } from '../native/errno.ts';
import {
  bindSocket,
  closeDescriptor,
  filterProgramSize,
  lastErrno,
  openSocket,
  receiveFrom,
  sendTo,
  setFilterOption,
} from '../native/libc.ts';

/** A frame without its Ethernet header. */
export interface ReceivedFrame {
  readonly sourceMac: Buffer;
  readonly payload: Buffer;
}

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const MSG_DONTWAIT = 0x40;
const PACKET_OUTGOING = 4;
const largestFrame = 2048;
const addressSize = 20;

/** packet(7), struct sockaddr_ll. The protocol is in network order. */
function linkAddress(protocol: number, interfaceIndex: number, mac: Buffer | undefined): Buffer {
  const bytes = Buffer.alloc(addressSize);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.writeUInt16BE(protocol, 2);
  bytes.writeInt32LE(interfaceIndex, 4);
  if (mac !== undefined) {
    bytes.writeUInt8(6, 11);
    mac.copy(bytes, 12, 0, 6);
  }
  return bytes;
}

/** Frames of one protocol on one Ethernet interface. Nothing here blocks: `receive` is polled by whoever waits for an answer. */
export class PacketSocket {
  readonly #descriptor: number;
  readonly #protocol: number;
  readonly #interfaceIndex: number;
  #closed = false;

  constructor(descriptor: number, protocol: number, interfaceIndex: number) {
    this.#descriptor = descriptor;
    this.#protocol = protocol;
    this.#interfaceIndex = interfaceIndex;
  }

  send(destinationMac: Buffer, payload: Buffer): Result<undefined, KernelErrorCode> {
    const address = linkAddress(this.#protocol, this.#interfaceIndex, destinationMac);
    const sent = sendTo(this.#descriptor, payload, payload.length, MSG_DONTWAIT, address, addressSize);
    return sent === payload.length ? done : failure('sending a frame', lastErrno());
  }

  /** The next frame that waits, or undefined when there is none (or the interface went down). */
  receive(): ReceivedFrame | undefined {
    const data = Buffer.alloc(largestFrame);
    const address = Buffer.alloc(addressSize);
    const room = Buffer.alloc(4);
    for (;;) {
      room.writeUInt32LE(addressSize, 0);
      const length = receiveFrom(this.#descriptor, data, data.length, MSG_DONTWAIT, address, room);
      if (length < 0) return undefined;
      const outgoing = address.readUInt8(10) === PACKET_OUTGOING;
      if (!outgoing) return { sourceMac: address.subarray(12, 18), payload: data.subarray(0, length) };
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeDescriptor(this.#descriptor);
  }
}

/** Needs CAP_NET_RAW. `filter` is a classic BPF program. Errors: `denied`, `no-device`, `link-down`, `kernel`. */
export function openPacketSocket(
  interfaceIndex: number,
  protocol: number,
  filter?: Buffer,
): Result<PacketSocket, KernelErrorCode> {
  // Protocol 0 receives nothing until bind names the interface: no frame of another interface slips in before.
  const descriptor = openSocket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return failure('a packet socket', lastErrno());
  const filtered =
    filter === undefined ||
    setFilterOption(
      descriptor,
      SOL_SOCKET,
      SO_ATTACH_FILTER,
      { length: filter.length / 8, filter },
      filterProgramSize,
    ) === 0;
  const bound =
    filtered && bindSocket(descriptor, linkAddress(protocol, interfaceIndex, undefined), addressSize) === 0;
  if (bound) return ok(new PacketSocket(descriptor, protocol, interfaceIndex));
  const number = lastErrno();
  closeDescriptor(descriptor);
  return failure('a packet socket', number);
}

const failure = (what: string, number: number): ReturnType<typeof fail<KernelErrorCode>> =>
  fail(kernelErrorCode(number), `The kernel refused ${what}: ${errnoName(number)}.`);
