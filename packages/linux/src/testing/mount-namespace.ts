import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { until } from './until.ts';

const run = (file: string, ...args: readonly string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** A mount namespace that `sleep` keeps: what is mounted in it goes with it. */
export class MountNamespace {
  readonly #keeper: ChildProcess = spawn('unshare', ['--mount', '--propagation', 'private', 'sleep', '600'], {
    stdio: 'ignore',
  });
  readonly #devices: string[] = [];

  /** For `nsenter` in front of a command. */
  get launcher(): readonly [string, ...string[]] {
    return ['nsenter', `--mount=${this.path}`, '--'];
  }

  get path(): string {
    return `/proc/${this.#keeper.pid}/ns/mnt`;
  }

  get table(): string {
    return `/proc/${this.#keeper.pid}/mountinfo`;
  }

  isMounted(target: string): boolean {
    return readFileSync(this.table, 'utf8').includes(` ${target} `);
  }

  /** Ends when the namespace is there. */
  async ready(): Promise<void> {
    await until(
      'the namespace is there',
      () => readFileSync(`/proc/${this.#keeper.pid}/comm`, 'utf8') === 'sleep\n',
    );
  }

  /** In the namespace. Throws what the program said. */
  run(...argv: readonly string[]): string {
    const [nsenter, ...rest] = this.launcher;
    return run(nsenter, ...rest, ...argv);
  }

  spawn(...argv: readonly string[]): ChildProcess {
    const [nsenter, ...rest] = this.launcher;
    return spawn(nsenter, [...rest, ...argv], { stdio: 'ignore' });
  }

  /** A loop device with an empty ext4 on it, in a file that is made here. */
  ext4Device(image: string): string {
    writeFileSync(image, '');
    truncateSync(image, 16 * 1024 * 1024);
    run('mkfs.ext4', '-q', image);
    const device = run('losetup', '--find', '--show', image);
    this.#devices.push(device);
    return device;
  }

  async remove(): Promise<void> {
    const ended = new Promise((resolve) => this.#keeper.once('exit', resolve));
    this.#keeper.kill('SIGKILL');
    await ended;
    for (const device of this.#devices) run('losetup', '--detach', device);
  }
}
