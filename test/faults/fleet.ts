import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AnswerRecord, type LogRecord, parseRecord, type RowRecord } from '../client/log.ts';
import { type Cluster, nodesOf, passwords, vip4, vip6 } from '../cluster/index.ts';
import { LogTail } from './watch/log-tail.ts';
import { parseWatchRecord, type WatchRecord } from './watch/watch-log.ts';

/** Ids that one writer may use up; no two writers share a block. */
const idsPerWriter = 1_000_000;
const endLimitMs = 3000;
const program = (path: string): string => join(import.meta.dirname, '..', path);

/**
 * All who watch from outside: the writer that goes through the VIP, a writer beside each data node that stays with it whatever happens to
 * the network, who asks for the VIP by ARP, and the watcher of the kernels. Their logs are read as they grow.
 */
export class Fleet {
  readonly #cluster: Cluster;
  readonly #folder: string;
  readonly #rows = new Map<string, LogTail<LogRecord>>();
  readonly #beside = new Map<string, ChildProcess>();
  readonly #others: ChildProcess[] = [];
  readonly #watch: LogTail<WatchRecord>;
  readonly #answers: LogTail<LogRecord>;
  #lastBlock = 0;

  constructor(cluster: Cluster, folder: string) {
    this.#cluster = cluster;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#watch = new LogTail(this.#file('watch'), parseWatchRecord);
    this.#answers = new LogTail(this.#file('answers'), parseRecord);
  }

  async start(): Promise<void> {
    const { lab, options } = this.#cluster;
    await this.#takeCertificates();
    const watcher = [
      ...['--lab', lab.layout.labName, '--nodes', nodesOf(options).join(), '--vip4', vip4, '--vip6', vip6],
      ...['--certificates', this.#folder, '--log', this.#file('watch')],
    ];
    // Before all others (sched(7)): it needs little, and what it does not look at it cannot see.
    const first = ['chrt', '--rr', '1', process.execPath, program('faults/watch/watcher.ts')];
    this.#run(lab.observerCommand([...first, ...watcher]));
    const probe = ['--address', vip4, '--log', this.#file('answers')];
    this.#run(lab.observerCommand([process.execPath, program('client/vip-probe.ts'), ...probe]));
    this.#run(lab.clientCommand(this.#writer('vip', vip4, 20, [])));
    for (const node of options.data) this.besideNode(node);
  }

  /** A writer in the network of a machine that was just powered on. */
  besideNode(node: string): void {
    if (!this.#cluster.options.data.includes(node) || this.#beside.has(node)) return;
    const argv = this.#writer(`beside-${node}`, '127.0.0.1', 100, ['--node', node]);
    this.#beside.set(node, this.#spawn(this.#cluster.lab.besideNodeCommand(node, argv)));
  }

  async leaveNode(node: string): Promise<void> {
    const child = this.#beside.get(node);
    this.#beside.delete(node);
    if (child !== undefined) await end(child);
  }

  rows(): readonly RowRecord[] {
    return [...this.#rows.values()].flatMap((tail) => tail.read().filter((record) => record.event === 'row'));
  }

  /** When the writer beside a node last sent a row, whatever became of it: a standby refuses it, and that is a sign of life, too. */
  lastSentBeside(node: string): number {
    const last = this.#rows
      .get(`beside-${node}`)
      ?.read()
      .findLast((record) => record.event === 'row');
    return last?.event === 'row' ? last.sentMs : 0;
  }

  acked(): readonly RowRecord[] {
    return this.rows().filter((row) => row.outcome === 'acked');
  }

  answers(): readonly AnswerRecord[] {
    return this.#answers.read().filter((record) => record.event === 'answer');
  }

  watched(): readonly WatchRecord[] {
    return this.#watch.read();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#others, ...this.#beside.values()].map(end));
    this.#beside.clear();
    this.#others.length = 0;
  }

  /** Query and connection limits are wide: a commit that waits for its standby is worth waiting for. */
  #writer(name: string, host: string, intervalMs: number, more: readonly string[]): string[] {
    this.#lastBlock = Math.max(this.#lastBlock + 1, Math.floor(Date.now() / 1000));
    const file = this.#file(`rows-${name}`);
    if (!this.#rows.has(name)) this.#rows.set(name, new LogTail(file, parseRecord));
    return [
      ...[process.execPath, program('client/writer.ts'), '--name', name, '--host', host, '--log', file],
      ...['--user', 'hamn_probe', '--password', passwords.probe, '--interval-ms', String(intervalMs)],
      ...['--first-id', String(this.#lastBlock * idsPerWriter), '--query-limit-ms', '1000'],
      ...['--connect-limit-ms', '300', '--retry-ms', '100', ...more],
    ];
  }

  /** The watcher asks etcd as a node does. */
  async #takeCertificates(): Promise<void> {
    const [first = 'mn1'] = this.#cluster.options.data;
    for (const file of ['ca.crt', 'node.crt', 'node.key']) {
      const text = await this.#cluster.lab.mustExec(first, ['cat', `/etc/hamn/tls/${file}`]);
      writeFileSync(join(this.#folder, file), text, { mode: 0o600 });
    }
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #run(argv: readonly string[]): void {
    this.#others.push(this.#spawn(argv));
  }

  #spawn(argv: readonly string[]): ChildProcess {
    const [name = '', ...rest] = argv;
    return spawn(name, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
  await gone;
  clearTimeout(late);
}
