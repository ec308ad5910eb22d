import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { after, between, fail, ok, type Result } from '@hamn/core';
import type { Cancel, ClockPort } from '@hamn/engine';
import { Client, type ClientConfig } from 'pg';
import { atLimit, reasonOf } from '../limit.ts';
import { AskedInClear, describe, type SessionFailure } from './session-failure.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Rows = readonly Row[];

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** What else the session begins with, for example `-c synchronous_commit=on`. */
  readonly startup?: string | undefined;
  readonly password: () => Promise<Result<string, string>>;
  /** Asked for each connection; undefined: without TLS. */
  readonly tls?: () => Promise<Result<ConnectionOptions | undefined, string>>;
}

/** Ends a statement: `renewals` times not when the server has sent something since the last look. */
interface Patience {
  readonly ms: number;
  readonly renewals: number;
}

/** A session that opens takes about seven turns; a server that sends is not silent, but it does not keep hamn for ever either. */
const mostRenewals = 4;

interface Connected {
  readonly client: Client;
  readonly socket: Socket;
}

/**
 * One session with a server, opened when it is first used and again after it broke. Every call has its own limit; at the limit the
 * connection is cut, because a server that does not answer does not hear a request to stop either.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #clock: ClockPort;
  readonly #onEnd: (() => void) | undefined;
  #connected: Connected | undefined;
  /** One statement at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions, deps: { readonly clock: ClockPort; readonly onEnd?: () => void }) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#onEnd = deps.onEnd;
  }

  get connected(): boolean {
    return this.#connected !== undefined;
  }

  /** Runs one statement. `name` keeps it prepared in this session. */
  query(text: string, timeoutMs: number, name?: string): Promise<Result<Rows, SessionFailure>> {
    const end = after(this.#clock.now(), timeoutMs);
    const run = this.#turn.then(() => {
      const leftMs = between(this.#clock.now(), end);
      return leftMs > 0
        ? this.#query(text, { ms: leftMs, renewals: 0 }, name)
        : fail('timeout' as const, `an earlier statement did not end within ${Math.round(timeoutMs)} ms`);
    });
    this.#turn = run.catch(() => undefined);
    return run;
  }

  /** The same without a limit for the whole: `timeout` means that the server was asked and has sent nothing at all for `silenceMs` or longer. */
  ask(text: string, silenceMs: number, name?: string): Promise<Result<Rows, SessionFailure>> {
    const run = this.#turn.then(() => this.#query(text, { ms: silenceMs, renewals: mostRenewals }, name));
    this.#turn = run.catch(() => undefined);
    return run;
  }

  async #query(text: string, patience: Patience, name?: string): Promise<Result<Rows, SessionFailure>> {
    const password = this.#connected === undefined ? await this.#options.password() : ok('');
    if (!password.ok) return fail('denied', password.error.message);
    const tls = this.#connected === undefined ? await this.#options.tls?.() : undefined;
    if (tls?.ok === false) return fail('denied', tls.error.message);
    let socket: Socket | undefined = this.#connected?.socket;
    let late = false;
    const cancel = this.#whenSilent(
      patience,
      () => socket?.bytesRead ?? 0,
      () => {
        late = true;
        socket?.destroy();
      },
    );
    try {
      let connected = this.#connected;
      if (connected === undefined) {
        socket = new Socket();
        connected = await this.#open(socket, password.value, tls?.value);
      }
      const result = await connected.client.query<Record<string, unknown>>(
        name === undefined ? { text } : { text, name },
      );
      return ok(result.rows);
    } catch (error) {
      if (late) return fail('timeout', `the server did not answer within ${Math.round(patience.ms)} ms`);
      return describe(error, this.#options);
    } finally {
      cancel();
    }
  }

  #whenSilent(patience: Patience, heard: () => number, cut: () => void): Cancel {
    let before = heard();
    let renewals = patience.renewals;
    const look = (): void => {
      const now = heard();
      if (renewals === 0 || now === before) return cut();
      renewals -= 1;
      before = now;
      cancel = atLimit(this.#clock, patience.ms, look);
    };
    let cancel = atLimit(this.#clock, patience.ms, look);
    return () => cancel();
  }

  /** Cuts the connection; a later query opens a new one. */
  close(): void {
    const connected = this.#connected;
    this.#connected = undefined;
    connected?.socket.destroy();
  }

  async #open(socket: Socket, password: string, tls: ConnectionOptions | undefined): Promise<Connected> {
    const { host, port, user, database, startup } = this.#options;
    const config: ClientConfig = {
      host,
      port,
      user,
      database,
      password,
      ssl: tls ?? false,
      application_name: 'hamn',
      options: startup ?? '',
      stream: () => socket,
    };
    const client = new Client(config);
    const connected = { client, socket };
    // An 'error' without a listener would end the process. What broke is told by 'end' and by the next query.
    client.on('error', () => socket.destroy());
    // Whoever took over another node's address could ask for it so. This listener comes before the one that would answer.
    client.connection.once('authenticationCleartextPassword', () => socket.destroy(new AskedInClear()));
    socket.on('error', () => socket.destroy());
    client.on('end', () => {
      if (this.#connected !== connected) return;
      this.#connected = undefined;
      this.#onEnd?.();
    });
    try {
      await client.connect();
    } catch (error) {
      socket.destroy();
      throw error instanceof Error ? error : new Error(reasonOf(error));
    }
    this.#connected = connected;
    return connected;
  }
}
