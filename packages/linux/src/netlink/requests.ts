import { done, fail, ok, type Result } from '@hamn/core';
import raw from 'netlink/dist/raw.js';
import { errnoName, type KernelErrorCode, kernelErrorCode } from '../native/errno.ts';
import {
  decodeMessages,
  encodeMessage,
  messageTypes,
  type NetlinkMessage,
  netlinkFlags,
  uint32At,
} from './message.ts';

/** NETLINK_ROUTE of netlink(7). */
export const routeProtocol = 0;

const EBADMSG = 74;

interface Pending {
  readonly parts: Buffer[];
  interrupted: boolean;
  readonly settle: (result: Result<readonly Buffer[], KernelErrorCode>) => void;
}

/**
 * Requests to rtnetlink on a socket of their own (events would fill its buffer). Each has a limit; a broken socket fails what is
 * pending and is replaced at the next request.
 * Hazard: the kernel carries a request out within send(), holding its network lock: a stuck driver can hold the caller up.
 */
export class NetlinkRequests {
  #socket: raw.RawNetlinkSocket | undefined;
  #sequence = 1;
  #lastDump: Promise<void> = Promise.resolve();
  readonly #pending = new Map<number, Pending>();

  /** Opens the socket now, so that a later request needs no new file descriptor. */
  open(): Result<undefined, KernelErrorCode> {
    try {
      this.#connected();
      return done;
    } catch (error) {
      return fail('kernel', `The kernel gave no rtnetlink socket: ${String(error)}.`);
    }
  }

  /** Sends one message and waits for its acknowledgement; `what` names it in errors ("adding 10.1.0.223/24 to eth0"). */
  async change(
    type: number,
    flags: number,
    body: Buffer,
    what: string,
    timeoutMs: number,
  ): Promise<Result<undefined, KernelErrorCode>> {
    const result = await this.#send(type, flags | netlinkFlags.acknowledge, body, what, timeoutMs);
    return result.ok ? done : result;
  }

  /** All bodies of a dump, one at a time (a socket carries no second one: EBUSY). One that a change disturbed is asked again within the limit. */
  async dump(
    type: number,
    body: Buffer,
    what: string,
    timeoutMs: number,
  ): Promise<Result<readonly Buffer[], KernelErrorCode>> {
    const until = performance.now() + timeoutMs;
    const before = this.#lastDump;
    let ended = (): void => {};
    this.#lastDump = new Promise((resolve) => {
      ended = resolve;
    });
    await before;
    try {
      for (;;) {
        const left = Math.max(1, until - performance.now());
        const result = await this.#send(type, netlinkFlags.dump, body, what, left);
        if (result.ok || result.error.code !== 'interrupted' || performance.now() >= until) return result;
      }
    } finally {
      ended();
    }
  }

  close(): void {
    this.#drop('The rtnetlink socket was closed');
  }

  #send(
    type: number,
    flags: number,
    body: Buffer,
    what: string,
    timeoutMs: number,
  ): Promise<Result<readonly Buffer[], KernelErrorCode>> {
    return new Promise((resolve) => {
      this.#sequence = (this.#sequence + 1) % 0xffffffff;
      const sequence = this.#sequence;
      const silent = (): void => {
        if (!this.#pending.has(sequence)) return;
        settle(fail('timeout', `The kernel did not answer within ${Math.round(timeoutMs)} ms`));
        // What is half done on this socket would disturb the next request.
        this.#drop('The rtnetlink socket was replaced after a request without answer');
      };
      // After a stall timers fire before the socket is read, whose answer is there: the loop gets one turn for it.
      const timer = setTimeout(() => setImmediate(silent), timeoutMs);
      const settle = (result: Result<readonly Buffer[], KernelErrorCode>): void => {
        if (!this.#pending.delete(sequence)) return;
        clearTimeout(timer);
        resolve(result.ok ? result : fail(result.error.code, refusal(result.error.message, what)));
      };
      this.#pending.set(sequence, { parts: [], interrupted: false, settle });
      const message = encodeMessage(type, flags | netlinkFlags.request, sequence, body);
      try {
        this.#connected().send(message, {}, (error) => {
          if (error !== undefined) settle(fail('kernel', `A request could not be sent: ${error.message}`));
        });
      } catch (error) {
        settle(fail('kernel', `A request could not be sent: ${String(error)}`));
      }
    });
  }

  #connected(): raw.RawNetlinkSocket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = new raw.RawNetlinkSocket(routeProtocol);
    // The limit of each request keeps the process alive as long as one is under way.
    socket.unref();
    socket.on('message', (datagram) => {
      for (const message of decodeMessages(datagram)) this.#receive(message);
    });
    socket.on('error', (error) => this.#drop(`The rtnetlink socket failed: ${error.message}`));
    this.#socket = socket;
    return socket;
  }

  #receive(message: NetlinkMessage): void {
    const pending = this.#pending.get(message.sequence);
    if (pending === undefined) return;
    if ((message.flags & netlinkFlags.dumpInterrupted) !== 0) pending.interrupted = true;
    if (message.type === messageTypes.error) {
      // A negative errno as two's complement; a message that is cut off is no acknowledgement.
      const number = -((uint32At(message.body, 0) ?? -EBADMSG) | 0);
      pending.settle(number === 0 ? ok(pending.parts) : fail(kernelErrorCode(number), errnoName(number)));
    } else if (message.type === messageTypes.done) {
      pending.settle(pending.interrupted ? fail('interrupted', 'EINTR') : ok(pending.parts));
    } else {
      pending.parts.push(message.body);
    }
  }

  #drop(reason: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    for (const pending of [...this.#pending.values()]) pending.settle(fail('kernel', reason));
    try {
      socket?.close();
    } catch {
      // It was closed by its own failure.
    }
  }
}

/** errno names become sentences; other reasons get the act that they hit. */
const refusal = (reason: string, what: string): string =>
  /^(E[A-Z0-9]+|errno \d+)$/.test(reason) ? `The kernel refused ${what}: ${reason}.` : `${reason} (${what}).`;
