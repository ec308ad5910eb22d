import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Span } from '../client/analyse.ts';
import { type LogRecord, parseLog, type RowRecord } from '../client/log.ts';
import type { Machines } from './machines.ts';
import { passwords, vip4 } from './options.ts';
import { waitFor } from './wait-for.ts';

export interface RecorderOptions {
  /** Between two rows. */
  readonly intervalMs: number;
  /** Further options of the writer (test/client/writer.ts), for machines on which its limits are too short. */
  readonly writer?: readonly string[];
  /** Further rows a second, by ten sessions of a client that is not timed: its rows are recorded and judged, too. */
  readonly load?: number;
  /** How long the first rows may take. */
  readonly startLimitMs?: number;
}

/** The client whose acknowledgements are timed, by its name in the log. */
export const timedWriter = 'writer';

const client = (name: string): string => join(import.meta.dirname, '..', 'client', name);

/** The client that commits rows through the VIP and the observer that asks who has it, with their logs. */
export class Recorder {
  readonly #lab: Machines;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hamn-recorder-'));
  readonly #processes: ChildProcess[] = [];
  readonly #options: RecorderOptions;

  constructor(lab: Machines, options: RecorderOptions = { intervalMs: 20 }) {
    this.#lab = lab;
    this.#options = options;
  }

  /** The rows a second that are asked of the load; 0 without one. */
  get load(): number {
    return this.#options.load ?? 0;
  }

  /** Returns when the first rows are acknowledged. */
  async start(): Promise<void> {
    const writer = [
      '--name',
      timedWriter,
      '--host',
      vip4,
      '--user',
      'hamn_probe',
      '--password',
      passwords.probe,
      '--interval-ms',
      String(this.#options.intervalMs),
      ...(this.#options.writer ?? []),
    ];
    this.#spawn(
      this.#lab.clientCommand([
        process.execPath,
        client('writer.ts'),
        ...writer,
        '--log',
        this.#file('rows'),
      ]),
    );
    this.#spawn(
      this.#lab.observerCommand([
        process.execPath,
        client('vip-probe.ts'),
        '--address',
        vip4,
        '--log',
        this.#file('answers'),
      ]),
    );
    if (this.#options.load !== undefined)
      this.#spawn(
        this.#lab.clientCommand([
          process.execPath,
          client('load.ts'),
          ...['--per-second', String(this.#options.load), '--host', vip4, '--user', 'hamn_probe'],
          ...['--password', passwords.probe, '--log', this.#file('load')],
        ]),
      );
    await this.writesSince(0, 10, this.#options.startLimitMs ?? 20_000);
  }

  /** Waits until this many rows were acknowledged that were sent after `fromMs` (monotonic). */
  async writesSince(fromMs: number, count: number, limitMs: number): Promise<boolean> {
    const enough = await waitFor(limitMs, 20, async () =>
      this.acked(fromMs).length >= count ? true : undefined,
    );
    return enough === true;
  }

  acked(fromMs: number): readonly RowRecord[] {
    return this.rows().filter((row) => row.outcome === 'acked' && row.sentMs >= fromMs);
  }

  rows(): readonly RowRecord[] {
    return read(this.#file('rows')).filter((record) => record.event === 'row');
  }

  /** Everything both clients wrote down, within a span when one is given. */
  records(window?: Span): readonly LogRecord[] {
    const all = [...read(this.#file('rows')), ...read(this.#file('load')), ...read(this.#file('answers'))];
    if (window === undefined) return all;
    return all.filter((record) => {
      const at = record.event === 'row' ? record.doneMs : record.atMs;
      return at >= window.fromMs && at <= window.toMs;
    });
  }

  /** Rows a second of the load that were acknowledged in a span; 0 without a load. */
  loadPerSecond(span: Span): number {
    const rows = read(this.#file('load')).filter((record) => record.event === 'row');
    const acked = rows.filter((row) => row.outcome === 'acked');
    const within = acked.filter((row) => row.doneMs >= span.fromMs && row.doneMs < span.toMs);
    return Math.round((1000 * within.length) / (span.toMs - span.fromMs));
  }

  /** Ends the clients; the logs stay until `remove`. */
  async stop(): Promise<void> {
    const running = this.#processes.filter((each) => each.exitCode === null && each.signalCode === null);
    await Promise.all(
      running.map(async (each) => {
        const gone = once(each, 'exit');
        each.kill('SIGTERM');
        const late = setTimeout(() => each.kill('SIGKILL'), 3000);
        await gone;
        clearTimeout(late);
      }),
    );
    this.#processes.length = 0;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #spawn(argv: readonly string[]): void {
    const [program = '', ...rest] = argv;
    this.#processes.push(spawn(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] }));
  }
}

const read = (file: string): LogRecord[] => parseLog(readFileSync(file, { encoding: 'utf8', flag: 'a+' }));

/** The ids in a node's table, read from its own server; undefined when it does not answer. */
export async function idsOn(lab: Machines, node: string): Promise<ReadonlySet<number> | undefined> {
  const asked = await lab
    .exec(node, ['runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-c', 'select id from hamn_probe'], {
      timeoutMs: 20_000,
    })
    .catch(() => undefined);
  if (asked === undefined || asked.code !== 0) return undefined;
  return new Set(
    asked.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  );
}
