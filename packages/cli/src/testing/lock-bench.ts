import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EtcdCluster } from '@hamn/etcd/testing';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));

/** One run of the real hamnctl, as a process of its own. */
export interface LockRun {
  readonly process: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Its exit code; -1 where a signal ended it. */
  readonly ended: Promise<number>;
  isRunning(): boolean;
}

/** Node files of m1 and m2 for a real etcd, and a directory for what commands write. */
export class LockBench {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'hamn-lock-'));
  readonly #runs: LockRun[] = [];

  constructor(etcd: EtcdCluster) {
    const { ca, cert, key } = etcd.tls;
    for (const [name, text] of Object.entries({ ca, cert, key }))
      writeFileSync(this.path(name), text, { mode: 0o600 });
    for (const node of ['m1', 'm2'])
      writeFileSync(
        this.path(`${node}.yaml`),
        `cluster: test
node: ${node}
address: 127.0.0.1
etcd: {endpoints: [${etcd.endpoints.map((url) => `"${url}"`).join(', ')}]}
tls: {ca: ${this.path('ca')}, cert: ${this.path('cert')}, key: ${this.path('key')}}
`,
      );
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): string {
    try {
      return readFileSync(this.path(name), 'utf8');
    } catch {
      return '';
    }
  }

  run(node: 'm1' | 'm2', ...args: readonly string[]): LockRun {
    const child = spawn(process.execPath, [program, '--config', this.path(`${node}.yaml`), 'lock', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.directory,
    });
    const texts = { out: '', err: '' };
    child.stdout.on('data', (text: Buffer) => {
      texts.out += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      texts.err += text.toString();
    });
    const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
    const run: LockRun = {
      process: child,
      out: () => texts.out,
      err: () => texts.err,
      ended,
      isRunning: () => child.exitCode === null && child.signalCode === null,
    };
    this.#runs.push(run);
    return run;
  }

  /** Ends what a failed test left. Its watchdog ends the command. */
  async close(): Promise<void> {
    for (const run of this.#runs) if (run.isRunning()) run.process.kill('SIGKILL');
    await Promise.all(this.#runs.map((run) => run.ended));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Whether a process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}
