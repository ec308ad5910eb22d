import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Receiver, SenderPlan } from './plan.ts';

const pollMs = 20;
const connectSeconds = 4;
const keptChars = 500;

/**
 * One ssh connection to a standby that is kept: each run of rsync is a session in it, which costs no key exchange. ssh itself ends it when the other side
 * is silent for three seconds.
 */
export class Connection {
  readonly #options: readonly string[];
  readonly #socket: string;
  readonly #to: Receiver;
  #master: ChildProcess | undefined;
  #complaint = '';
  /** Counts up with each new connection. */
  generation = 0;

  constructor({ folder, keyFile, port }: SenderPlan, to: Receiver) {
    this.#to = to;
    this.#socket = join(folder, `to-${to.node}`);
    const known = join(folder, `known-${to.node}`);
    writeFileSync(known, `${to.node} ${to.hostKey}\n`, { mode: 0o600 });
    // `-F /dev/null`: nothing of an admin's own configuration changes what happens here.
    this.#options = [
      ...['-F', '/dev/null', '-l', 'root', '-p', String(port), '-i', keyFile, '-x', '-a', '-T'],
      ...option(`UserKnownHostsFile=${known}`),
      ...option('GlobalKnownHostsFile=/dev/null'),
      ...option(`HostKeyAlias=${to.node}`),
      ...option('StrictHostKeyChecking=yes'),
      ...option('UpdateHostKeys=no'),
      ...option('IdentitiesOnly=yes'),
      ...option('PreferredAuthentications=publickey'),
      ...option('BatchMode=yes'),
      ...option(`ConnectTimeout=${connectSeconds}`),
      ...option('ServerAliveInterval=1'),
      ...option('ServerAliveCountMax=3'),
      ...option(`ControlPath=${this.#socket}`),
    ];
  }

  /** For rsync's `-e`: a session of the kept connection, or nothing. */
  get command(): string {
    return ['ssh', ...this.#options, '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false'].join(' ');
  }

  /** A command of the gate's in the kept connection. */
  argv(...words: readonly string[]): readonly [string, ...string[]] {
    return [
      'ssh',
      ...this.#options,
      '-o',
      'ControlMaster=no',
      '-o',
      'ProxyCommand=false',
      this.#to.address,
      ...words,
    ];
  }

  get isUp(): boolean {
    return this.#master !== undefined && existsSync(this.#socket);
  }

  /** True: it is up. False: it could not be made; `complaint` says why. */
  async open(): Promise<boolean> {
    if (this.isUp) return true;
    this.close();
    rmSync(this.#socket, { force: true });
    this.#complaint = '';
    this.generation += 1;
    const master = spawn(
      'ssh',
      [...this.#options, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=no', '-N', this.#to.address],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#master = master;
    const ended = (): void => {
      if (this.#master === master) this.#master = undefined;
    };
    master.once('exit', ended);
    master.once('error', (error) => {
      this.#complaint = error.message;
      ended();
    });
    master.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-keptChars);
    });
    const giveUpAt = performance.now() + (connectSeconds + 2) * 1000;
    while (this.#master === master && !this.isUp && performance.now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    if (this.isUp) return true;
    this.close();
    return false;
  }

  get complaint(): string {
    const said = this.#complaint.trim().replace(/\s*\n\s*/g, ' ');
    return said === '' ? 'ssh did not say why.' : said;
  }

  close(): void {
    this.#master?.kill('SIGKILL');
    this.#master = undefined;
    rmSync(this.#socket, { force: true });
  }
}

const option = (text: string): readonly string[] => ['-o', text];
