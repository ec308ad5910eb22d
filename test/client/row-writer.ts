import { Connection, type Target } from './connection.ts';
import { type LogRecord, monotonicMs, type RowRecord } from './log.ts';

export type RowWriterOptions = {
  readonly name: string;
  readonly target: Target;
  readonly firstId: number;
  readonly intervalMs: number;
  readonly connectLimitMs: number;
  readonly queryLimitMs: number;
  /** While there is no connection a new attempt starts this often, beside those still under way. */
  readonly retryMs: number;
};

export type RowWriterDeps = {
  readonly record: (record: LogRecord) => void;
  /** The machine that answers for the target's address now. */
  readonly whoAnswers: () => string;
};

type Session = { readonly connection: Connection; readonly node: string };

export const TABLE_SQL: string =
  'create table if not exists hamn_probe(id bigint primary key, sent_ms double precision, node text)';

const INSERT_SQL = `insert into hamn_probe(id, sent_ms, node) values ($1, $2, $3) returning pg_is_in_recovery() as recovery,
  (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint::text as postmaster`;

/** Commits one row each interval, and records what the server said about it. An id is used once, whatever became of its row. */
export class RowWriter {
  readonly #options: RowWriterOptions;
  readonly #deps: RowWriterDeps;
  readonly #attempts = new Set<Connection>();
  #session: Session | undefined;
  #nextId: number;
  #lastFailure = '';
  #inFlight: Promise<void> | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: RowWriterOptions, deps: RowWriterDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#nextId = options.firstId;
  }

  start(): void {
    this.#timers.push(setInterval(() => this.#onWriteTime(), this.#options.intervalMs));
    this.#timers.push(setInterval(() => this.#tryToConnect(), this.#options.retryMs));
    this.#tryToConnect();
  }

  /** Waits for the row under way (its limit holds) and ends. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#inFlight;
    for (const attempt of this.#attempts) attempt.destroy('stopped');
    this.#session?.connection.destroy('stopped');
  }

  #onWriteTime(): void {
    if (this.#inFlight !== undefined || this.#session === undefined) return;
    if (this.#session.connection.broken === undefined) this.#write(this.#session);
    else this.#lose(this.#session);
  }

  #write(session: Session): void {
    this.#inFlight = this.#writeRow(session).finally(() => {
      this.#inFlight = undefined;
      if (session.connection.broken !== undefined) this.#lose(session);
    });
  }

  async #writeRow({ connection, node }: Session): Promise<void> {
    const id = this.#nextId++;
    const wallMs = Date.now();
    const sentMs = monotonicMs();
    const answer = await connection.ask('insert', INSERT_SQL, [id, sentMs, node], this.#options.queryLimitMs);
    const record: RowRecord = {
      event: 'row',
      writer: this.#options.name,
      id,
      outcome: answer.verdict.outcome,
      sentMs,
      doneMs: monotonicMs(),
      wallMs,
      node,
      postmaster: String(answer.row?.['postmaster'] ?? ''),
      because: answer.verdict.because,
    };
    this.#deps.record(record);
  }

  #lose(session: Session): void {
    this.#session = undefined;
    this.#note('disconnected', session.node, session.connection.broken);
    this.#tryToConnect();
  }

  #tryToConnect(): void {
    if (this.#session !== undefined) return;
    const connection = new Connection(this.#options.target);
    this.#attempts.add(connection);
    void connection
      .open(this.#options.connectLimitMs)
      .then((failure) => this.#onAttempt(connection, failure));
  }

  #onAttempt(connection: Connection, failure: string | undefined): void {
    this.#attempts.delete(connection);
    if (failure !== undefined) {
      if (this.#session === undefined) this.#lastFailure = failure;
      return;
    }
    if (this.#session !== undefined) {
      connection.destroy('another attempt was faster');
      return;
    }
    const node = this.#deps.whoAnswers();
    this.#session = { connection, node };
    for (const attempt of this.#attempts) attempt.destroy('another attempt was faster');
    this.#note('connected', node, this.#lastFailure === '' ? undefined : `before: ${this.#lastFailure}`);
    this.#lastFailure = '';
    this.#write(this.#session);
  }

  #note(event: 'connected' | 'disconnected', node: string, because: string | undefined): void {
    this.#deps.record({
      event,
      writer: this.#options.name,
      atMs: monotonicMs(),
      wallMs: Date.now(),
      node,
      because,
    });
  }
}
