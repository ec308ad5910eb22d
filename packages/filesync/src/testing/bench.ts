import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type SyncResource, usualSyncExcludes } from '@hamn/core';
import { eventually } from '@hamn/engine/testing';
import { type ReceiverView, replaceFile, writePermit } from '../receiver/permit.ts';
import {
  authorizedKeys,
  type ReceiverPlaces,
  rsyncdConfig,
  rsyncRules,
  sshdConfig,
} from '../receiver/receiver-files.ts';
import type { CopyReport, SenderReport } from '../report.ts';
import type { SenderPlan } from '../sender/plan.ts';
import { Sender } from '../sender/sender.ts';

/** A sender and a receiver on this machine: real ssh, sshd and rsync over the loopback; the receiver's files are below a folder of its own. */

const gate = join(import.meta.dirname, '..', '..', '..', '..', 'deploy', 'files', 'sync-gate');
export const token = 5;
const far: ReceiverView = { role: 'standby', token, holder: 'mn1' };

export class SyncBench {
  /** Not below /tmp: sshd wants every folder above its files to be writable by root alone. */
  readonly base: string = mkdtempSync('/run/hamn-sync-test-');
  what: SyncResource;
  readonly planFile: string = join(this.base, 'send', 'plan.json');
  sender: Sender | undefined;
  /** Whether the sender ended by itself. */
  isOver = false;
  #sshd: number | undefined;
  #permits: NodeJS.Timeout | undefined;
  #view: ReceiverView | undefined = far;

  private constructor(paths: readonly string[], port: number) {
    this.what = {
      kind: 'sync',
      paths: paths.map((path) => this.tree(path)),
      exclude: usualSyncExcludes,
      port,
      compareEveryMs: 900_000,
      bytesPerSecond: undefined,
    };
    for (const name of ['send', 'receive', 'copy', 'tree', 'state']) mkdirSync(join(this.base, name));
    for (const name of ['key', 'host'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(this.base, name)]);
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  }

  /** `paths` are below the tree. */
  static async make(paths: readonly string[]): Promise<SyncBench> {
    return new SyncBench(paths, await freePort());
  }

  /** A path of the sender's tree. */
  tree(path: string): string {
    return join(this.base, 'tree', path);
  }

  /** The same path where the receiver has it. */
  copied(path: string): string {
    return join(this.base, 'copy', this.tree(path));
  }

  get places(): ReceiverPlaces {
    return {
      folder: join(this.base, 'receive'),
      address: '127.0.0.1',
      hostKeyFile: join(this.base, 'host'),
      gate,
      standingFile: join(this.base, 'state', 'receiver'),
      root: join(this.base, 'copy'),
    };
  }

  /** What the receiver's hamnd knows; undefined: nothing. */
  permit(view: Partial<ReceiverView> | undefined): void {
    this.#view = view === undefined ? undefined : { ...far, ...view };
    writePermit(this.places.folder, this.#view, uptimeMs());
  }

  async startReceiver(): Promise<void> {
    const { folder } = this.places;
    const key = readFileSync(join(this.base, 'key.pub'), 'utf8').trim();
    replaceFile(join(folder, 'sshd_config'), sshdConfig(this.places, this.what.port));
    replaceFile(join(folder, 'rsyncd.conf'), rsyncdConfig(this.places));
    replaceFile(join(folder, 'rules'), rsyncRules(this.what));
    replaceFile(join(folder, 'authorized_keys'), authorizedKeys(this.places, new Map([['mn1', key]])));
    this.permit(this.#view);
    this.#permits = setInterval(() => this.permit(this.#view), 500);
    const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: 'ignore',
      detached: true,
    });
    this.#sshd = sshd.pid;
    await eventually('sshd has begun', 10_000, () => this.sshdPid() > 0);
  }

  /** Of the process that listens; 0: none does. */
  sshdPid(): number {
    return Number(readFile(join(this.places.folder, 'sshd.pid')) ?? '0');
  }

  /** At the port of the settings. */
  untilListening(): Promise<void> {
    const inHex = this.what.port.toString(16).toUpperCase().padStart(4, '0');
    return eventually('sshd listens', 10_000, () =>
      (readFile('/proc/net/tcp') ?? '').includes(`0100007F:${inHex} 00000000:0000 0A`),
    );
  }

  /** What listens goes on. */
  endSessions(): void {
    for (const pid of descendants(this.sshdPid())) kill(pid);
  }

  /** As a power-off: the listening process and every session. */
  stopReceiver(): void {
    clearInterval(this.#permits);
    if (this.#sshd === undefined) return;
    for (const pid of [this.#sshd, ...descendants(this.#sshd)]) kill(pid);
    this.#sshd = undefined;
    rmSync(join(this.places.folder, 'sshd.pid'), { force: true });
  }

  plan(changes: Partial<SenderPlan> = {}): SenderPlan {
    const hostKey = readFileSync(join(this.base, 'host.pub'), 'utf8').trim();
    return {
      resource: 'files',
      node: 'mn1',
      token,
      ...this.what,
      receivers: [{ node: 'mn2', address: '127.0.0.1', hostKey }],
      waitsFor: [],
      folder: join(this.base, 'send'),
      keyFile: join(this.base, 'key'),
      standingFile: join(this.base, 'state', 'sender'),
      deadlineFile: join(this.base, 'term-deadline'),
      ...changes,
    };
  }

  /** Other settings, as hamnd gives them to both sides. */
  change(changes: Partial<SyncResource>): void {
    this.what = { ...this.what, ...changes };
    replaceFile(join(this.places.folder, 'rules'), rsyncRules(this.what));
    replaceFile(this.planFile, JSON.stringify(this.plan()));
  }

  /** Until when this node holds the term, from now. */
  hold(seconds: number): void {
    writeFileSync(join(this.base, 'term-deadline'), `${uptimeMs() / 1000 + seconds} ${token}\n`);
  }

  startSender(changes: Partial<SenderPlan> = {}): Sender {
    const plan = this.plan(changes);
    replaceFile(this.planFile, JSON.stringify(plan));
    this.sender = new Sender(plan, this.planFile, () => {
      this.isOver = true;
    });
    return this.sender;
  }

  report(): SenderReport {
    if (this.sender === undefined) throw new Error('no sender was started');
    return this.sender.report();
  }

  copy(): CopyReport {
    const [copy] = this.report().copies;
    if (copy === undefined) throw new Error('the sender has no copy');
    return copy;
  }

  async untilLevel(limitMs = 20_000): Promise<void> {
    await eventually('the copy is level', limitMs, () => {
      const { state, backlogFiles } = this.copy();
      return state === 'level' && backlogFiles === 0;
    });
  }

  /** A tree as a text: type, mode, owner, size, links, times, names, targets, ACLs and extended attributes. */
  static listing(folder: string): string {
    const find = 'find . -printf "%y %m %U:%G %n %s %T@ %p %l\\n" | sort -k7';
    const rest = 'getfacl -R -n -p . 2>/dev/null; getfattr -R -h -d . 2>/dev/null | LC_ALL=C sort';
    return execFileSync('sh', ['-c', `${find}; ${rest}`], { cwd: folder, encoding: 'utf8' });
  }

  async close(): Promise<void> {
    await this.sender?.close();
    this.stopReceiver();
    rmSync(this.base, { recursive: true, force: true });
  }
}

export const uptimeMs = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function descendants(pid: number): readonly number[] {
  const children = (readFile(`/proc/${pid}/task/${pid}/children`) ?? '')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(),
      );
    });
  });
}
