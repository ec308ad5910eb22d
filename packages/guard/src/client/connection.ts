import { connect, type Socket } from 'node:net';
import { LineReader } from '../wire/line-reader.ts';

const backoffMs: readonly number[] = [5, 20, 50, 100];

export interface ConnectionEvents {
  /** A connection stands (again): what is still wanted must be sent (again). */
  readonly onUp: () => void;
  readonly onDown: () => void;
  readonly onLine: (line: string) => void;
}

/** One kept connection to a unix socket; it mends itself, within 100 ms of the other side's return. */
export class Connection {
  readonly #path: string;
  readonly #events: ConnectionEvents;
  #socket: Socket | undefined;
  #up = false;
  #closed = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, events: ConnectionEvents) {
    this.#path = path;
    this.#events = events;
    this.#connect();
  }

  get up(): boolean {
    return this.#up;
  }

  send(text: string): void {
    if (this.#up) this.#socket?.write(text);
  }

  /** Does not wait for the next attempt when none is under way. */
  hurry(): void {
    if (this.#timer === undefined || this.#closed) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    this.#timer = undefined;
    const socket = connect(this.#path);
    const reader = new LineReader(this.#events.onLine);
    this.#socket = socket;
    socket.setEncoding('utf8');
    // A client that waits for nothing keeps no process alive; each request has a timer that does.
    socket.unref();
    socket.on('connect', () => {
      this.#up = true;
      this.#failures = 0;
      this.#events.onUp();
    });
    socket.on('data', (chunk: string) => {
      if (!reader.take(chunk)) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#lost());
  }

  #lost(): void {
    const wasUp = this.#up;
    this.#up = false;
    if (this.#closed) return;
    const delayMs = backoffMs[Math.min(this.#failures, backoffMs.length - 1)] ?? 100;
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), delayMs);
    this.#timer.unref();
    if (wasUp) this.#events.onDown();
  }
}
