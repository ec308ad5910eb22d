import { type Failure, ok, type Result } from '@hamn/core';
import { type Cancel, type ClockPort, pause, type UnitFailure } from '@hamn/engine';
import { createClient, type Message, type MessageBus, messageType } from 'dbus-native';
import { busFailure } from './bus-failure.ts';

export interface ConnectionOptions {
  /** systemd's own socket; it needs no dbus-daemon, answers root only and outlives a restart of the message bus. */
  readonly address: string;
}

export interface BusCall {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: unknown[];
}

export interface BusSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

const retryMs = { first: 20, most: 1000 } as const;
/** A connection on which calls time out and nothing at all was heard for this long is given up; a new one is tried. */
const silentMs = 5000;
/** See `#kick`: the first after this long, each next one after twice as long. */
const kickMs = { first: 2, most: 1000 } as const;

/**
 * One kept connection to systemd. It connects by itself, for ever. On one connection systemd serves calls in the order of sending, so a
 * connection is not dropped for one late answer: a stop sent after a start that timed out is still run after it.
 */
export class ManagerConnection {
  readonly #options: ConnectionOptions;
  readonly #clock: ClockPort;
  readonly #onSignal: (signal: BusSignal) => void;
  readonly #onConnect: () => void;
  #bus: MessageBus | undefined;
  #heardAt: number;
  #heard = false;
  #retryMs: number = retryMs.first;
  #cancelRetry: Cancel | undefined;
  #closed = false;

  constructor(
    options: ConnectionOptions,
    deps: {
      readonly clock: ClockPort;
      readonly onSignal: (signal: BusSignal) => void;
      /** Called after each connect: whatever was known of systemd may be old. */
      readonly onConnect: () => void;
    },
  ) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#onSignal = deps.onSignal;
    this.#onConnect = deps.onConnect;
    this.#heardAt = deps.clock.now();
  }

  /**
   * `what` says what is asked, as the middle of a sentence. The answer is the reply's first value. A call whose connection broke (systemd
   * re-executed itself) is asked once more on a new one: every call that hamn makes may be made twice.
   */
  async call(call: BusCall, what: string, timeoutMs: number): Promise<Result<unknown, UnitFailure>> {
    const end = this.#clock.now() + timeoutMs;
    const first = await this.#ask(call, what, timeoutMs);
    if (first.ok || first.error.code !== 'unreachable') return first;
    await pause(this.#clock, Math.min(retryMs.first, timeoutMs));
    const leftMs = end - this.#clock.now();
    return leftMs > 0 ? this.#ask(call, what, leftMs) : first;
  }

  async #ask(call: BusCall, what: string, timeoutMs: number): Promise<Result<unknown, UnitFailure>> {
    if (timeoutMs <= 0) return busFailure({ code: 'ETIMEDOUT' }, what);
    const bus = this.#connected();
    if (!bus.ok) return busFailure(new Error(bus.error.message), what);
    try {
      return ok(await bus.value.invoke<unknown>(messageOf(call), { timeout: timeoutMs }));
    } catch (error) {
      const failure = busFailure(error, what);
      if (failure.error.code === 'timeout') this.#giveUpWhenSilent(bus.value);
      return failure;
    }
  }

  /** Connects when there is no connection, so that signals arrive before the first call. */
  open(): void {
    this.#connected();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#bus?.connection.end();
    this.#bus?.connection.stream.destroy();
    this.#bus = undefined;
  }

  #connected(): Result<MessageBus, Failure['code']> {
    if (this.#bus !== undefined) return ok(this.#bus);
    if (this.#closed) return busFailure(new Error('the connection was closed'), 'answer');
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    try {
      const bus = createClient({ busAddress: this.#options.address, direct: true, timeout: 1000 });
      this.#bus = bus;
      this.#heardAt = this.#clock.now();
      this.#attach(bus);
      return ok(bus);
    } catch (error) {
      this.#retryLater();
      return busFailure(error, 'answer');
    }
  }

  #attach(bus: MessageBus): void {
    const { connection } = bus;
    connection.on('connect', () => {
      this.#retryMs = retryMs.first;
      this.#heardAt = this.#clock.now();
      this.#heard = false;
      this.#kick(bus, kickMs.first);
      this.#onConnect();
    });
    connection.on('message', (message) => {
      this.#heardAt = this.#clock.now();
      this.#heard = true;
      if (message.type === messageType.signal) this.#deliver(message);
    });
    // The handshake may be refused without the socket closing.
    connection.on('error', () => connection.stream.destroy());
    connection.on('close', () => this.#lost(bus));
    // The other end stopped sending: nothing more will be answered.
    connection.on('end', () => connection.stream.destroy());
  }

  /**
   * systemd 252 leaves a call unread that arrived together with the last line of the handshake (BEGIN), until more bytes come. So
   * small calls follow until something was heard.
   */
  #kick(bus: MessageBus, delayMs: number): void {
    this.#clock.after(delayMs, () => {
      if (this.#heard || this.#bus !== bus || delayMs > kickMs.most) return;
      bus.invoke(messageOf(ping), { timeout: 1000 }).then(
        () => undefined,
        () => undefined,
      );
      this.#kick(bus, delayMs * 2);
    });
  }

  #deliver(message: Message): void {
    const { path, member, body } = message;
    const iface = message.interface;
    if (path === undefined || iface === undefined || member === undefined) return;
    this.#onSignal({ path, interface: iface, member, body: body ?? [] });
  }

  #giveUpWhenSilent(bus: MessageBus): void {
    if (this.#clock.now() - this.#heardAt >= silentMs) bus.connection.stream.destroy();
  }

  #lost(bus: MessageBus): void {
    if (this.#bus !== bus) return;
    this.#bus = undefined;
    if (!this.#closed) this.#retryLater();
  }

  #retryLater(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#clock.after(this.#retryMs, () => {
      this.#cancelRetry = undefined;
      this.#connected();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, retryMs.most);
  }
}

const ping: BusCall = {
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.DBus.Peer',
  member: 'Ping',
};

const messageOf = (call: BusCall): Message => ({
  destination: 'org.freedesktop.systemd1',
  path: call.path,
  interface: call.interface,
  member: call.member,
  ...(call.signature === undefined ? {} : { signature: call.signature, body: call.body ?? [] }),
});
