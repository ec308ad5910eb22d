import { Socket } from 'node:net';
import { Client, type QueryResultRow } from 'pg';
import { judge, type Verdict } from './outcome.ts';

export type Target = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

export type Answer = { readonly verdict: Verdict; readonly row: QueryResultRow | undefined };

/**
 * One session with PostgreSQL whose socket is ours, so that it can be thrown away at once: a polite end would wait for a server that is
 * dead, frozen or cut off.
 */
export class Connection {
  readonly #client: Client;
  readonly #socket: Socket;
  #notices: string[] = [];
  #broken: string | undefined;

  constructor(target: Target) {
    const socket = new Socket();
    this.#socket = socket;
    this.#client = new Client({ ...target, ssl: false, stream: () => socket });
    this.#client.on('error', (error) => this.destroy(error.message));
    this.#client.on('end', () => this.destroy('the connection was closed'));
    this.#client.on('notice', (notice) =>
      this.#notices.push(`${notice.severity ?? ''}: ${notice.message ?? ''}`),
    );
  }

  /** Why it can no longer be used, or undefined. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** Connects and logs in, or gives the reason why not. */
  async open(limitMs: number): Promise<string | undefined> {
    const failure = await withLimit(this.#client.connect(), limitMs);
    if (failure.error !== undefined) this.destroy(messageOf(failure.error));
    return this.#broken;
  }

  /** Runs one statement. When there is no answer in time the session is destroyed and the outcome is unknown. */
  async ask(name: string, text: string, values: readonly unknown[], limitMs: number): Promise<Answer> {
    this.#notices = [];
    const { value, error } = await withLimit(
      this.#client.query({ name, text, values: [...values] }),
      limitMs,
    );
    const verdict = judge(error, this.#notices);
    if (verdict.outcome === 'unknown') this.destroy(verdict.because ?? 'unknown');
    return { verdict, row: value?.rows[0] };
  }

  destroy(because: string): void {
    this.#broken ??= because;
    this.#socket.destroy();
  }
}

async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<{ value?: T; error?: unknown }> {
  work.catch(() => undefined); // It may fail after we stopped listening.
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return { value: await Promise.race([work, limit]) };
  } catch (error) {
    return { error: error ?? new Error('unknown') };
  } finally {
    clearTimeout(timer);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
