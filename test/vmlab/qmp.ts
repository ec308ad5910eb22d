import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { LabError } from '../lab/index.ts';

/** An event of a virtual machine (QEMU's QMP reference): RESET, STOP, RESUME, WATCHDOG ... */
export type QmpEvent = {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** By the host's wall clock. */
  readonly wallMs: number;
};

type Reply = { readonly value?: unknown; readonly error?: string };

const CONNECT_LIMIT_MS = 5_000;
const COMMAND_LIMIT_MS = 20_000;

/** One session with a machine's monitor. A monitor serves one session at a time, so close it soon. */
export class QmpSession {
  readonly #socket: Socket;
  readonly #events: QmpEvent[] = [];
  readonly #waiting: ((reply: Reply) => void)[] = [];
  #rest = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => this.#receive(String(chunk)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const answer of this.#waiting.splice(0)) answer({ error: 'the machine was powered off' });
    });
  }

  /** @throws LabError `no-monitor` where nobody listens: the machine is off, or another session is open */
  static async open(path: string): Promise<QmpSession> {
    const socket = createConnection(path);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_LIMIT_MS) });
      const session = new QmpSession(socket);
      await session.execute('qmp_capabilities');
      return session;
    } catch (error) {
      socket.destroy();
      const why = error instanceof Error ? error.message : String(error);
      throw new LabError('no-monitor', `The monitor at ${path} does not answer (${why}): is the machine on?`);
    }
  }

  /** Runs one command and gives what it returns. @throws LabError `monitor` with QEMU's own words */
  async execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const reply = await new Promise<Reply>((resolve) => {
      const late = setTimeout(
        () => resolve({ error: `it did not answer within ${COMMAND_LIMIT_MS} ms` }),
        COMMAND_LIMIT_MS,
      );
      this.#waiting.push((got) => {
        clearTimeout(late);
        resolve(got);
      });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
    if (reply.error === undefined) return reply.value;
    throw new LabError('monitor', `The machine's monitor did not do '${command}': ${reply.error}.`);
  }

  /** Everything that was told since the session began. */
  events(name?: string): readonly QmpEvent[] {
    return this.#events.filter((event) => name === undefined || event.name === name);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = parseMessage(line);
      if (message?.kind === 'event') this.#events.push(message.event);
      if (message?.kind === 'reply') this.#waiting.shift()?.(message.reply);
    }
  }
}

type Message =
  | { readonly kind: 'event'; readonly event: QmpEvent }
  | { readonly kind: 'reply'; readonly reply: Reply };

/** One line of the protocol; undefined for the greeting. */
export function parseMessage(line: string): Message | undefined {
  if (line.trim() === '') return undefined;
  const value: unknown = JSON.parse(line);
  if (!isObject(value)) return undefined;
  if (typeof value['event'] === 'string') {
    const stamp = isObject(value['timestamp']) ? value['timestamp'] : {};
    const wallMs = Number(stamp['seconds'] ?? 0) * 1000 + Number(stamp['microseconds'] ?? 0) / 1000;
    return {
      kind: 'event',
      event: { name: value['event'], data: isObject(value['data']) ? value['data'] : {}, wallMs },
    };
  }
  if (isObject(value['error'])) return { kind: 'reply', reply: { error: String(value['error']['desc']) } };
  return 'return' in value ? { kind: 'reply', reply: { value: value['return'] } } : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
