import { spawnSync } from 'node:child_process';
import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './lab-error.ts';
import { describeFailure, type RunOptions, type RunResult, run } from './run.ts';
import { nodeCgroup, requireOn, type Site } from './site.ts';

const NODE_ENV: readonly string[] = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'USER=root',
  'LOGNAME=root',
  'LANG=C.UTF-8',
];

/**
 * The command line that runs `argv` inside a node: in all its namespaces *and* in its control group, so that it is frozen and killed
 * with the node (nsenter alone enters no group).
 * @throws LabError `off`
 */
export function commandIn(
  site: Site,
  node: string,
  argv: readonly string[],
  env: readonly string[] = [],
): string[] {
  const init = requireOn(site, node);
  const enter = 'echo 0 >"$0"/cgroup.procs && exec "$@"';
  const inside = ['env', '-i', ...NODE_ENV, ...env, ...argv];
  return [
    'sh',
    '-c',
    enter,
    join(nodeCgroup(site, node), 'lab-exec'),
    'nsenter',
    '-t',
    String(init),
    '-a',
    ...inside,
  ];
}

/** Runs a command in a node. A failing command is a result, not an exception. */
export function execIn(
  site: Site,
  node: string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return run(commandIn(site, node, argv), options);
}

/**
 * Runs a command that must succeed in a node, and gives its standard output.
 * @throws LabError `exec-failed`
 */
export async function mustExecIn(
  site: Site,
  node: string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await execIn(site, node, argv, options);
  if (result.code === 0) return result.stdout;
  throw new LabError(
    'exec-failed',
    `On ${node}: ${describeFailure(argv, result, options.timeoutMs ?? 10_000)}`,
  );
}

/** Runs a command in a node with this process's own terminal; gives its exit code. Has no limit: a person sits in front of it. */
export function execInteractively(site: Site, node: string, argv: readonly string[]): number {
  return runInteractively(commandIn(site, node, argv, [`TERM=${process.env['TERM'] ?? 'dumb'}`]));
}

export function runInteractively(argv: readonly string[]): number {
  const [program, ...args] = argv;
  return spawnSync(program ?? 'false', args, { stdio: 'inherit' }).status ?? 255;
}

/** How a command comes to run in a machine; the ways to write and copy files are the same for every kind of machine. */
export type MustRun = (argv: readonly string[], options: RunOptions) => Promise<string>;

/** Writes a text file in a node: aside first, then renamed into place, so that no reader sees half of it. */
export async function writeFileBy(mustRun: MustRun, path: string, text: string, mode = 0o644): Promise<void> {
  const script =
    'umask 077 && mkdir -p -m 755 "$(dirname "$1")" && cat >"$1.lab" && chmod "$2" "$1.lab" && mv -f "$1.lab" "$1"';
  await mustRun(['sh', '-c', script, 'write', path, mode.toString(8)], { input: text });
}

export const writeFileIn = (
  site: Site,
  node: string,
  path: string,
  text: string,
  mode?: number,
): Promise<void> => writeFileBy((argv, options) => mustExecIn(site, node, argv, options), path, text, mode);

export const copyIn = (site: Site, node: string, hostPath: string, path: string): Promise<void> =>
  copyBy((argv) => commandIn(site, node, argv), node, hostPath, path);

/** Copies a file or a whole directory of the host to `path` in the node (with modes; owned by root). */
export async function copyBy(
  commandOf: (argv: readonly string[]) => string[],
  node: string,
  hostPath: string,
  path: string,
  timeoutMs = 120_000,
): Promise<void> {
  const from = statOf(hostPath);
  const into = from.isDirectory()
    ? 'mkdir -p "$1" && tar --no-same-owner -xpf - -C "$1"'
    : 'mkdir -p "$(dirname "$1")" && cat >"$1.lab" && chmod "$2" "$1.lab" && mv -f "$1.lab" "$1"';
  const mode = (from.mode & 0o7777).toString(8);
  const inside = commandOf(['sh', '-c', into, 'copy', path, mode]);
  const send = from.isDirectory() ? 'tar -cf - -C "$0" . | "$@"' : '"$@" <"$0"';
  const result = await run(['sh', '-c', send, hostPath, ...inside], { timeoutMs });
  if (result.code === 0) return;
  const why = result.timedOut ? `it took more than ${timeoutMs} ms` : result.stderr.trim();
  throw new LabError('copy-failed', `${hostPath} could not be copied to ${node}:${path}: ${why}`);
}

function statOf(hostPath: string): Stats {
  const stats = statSync(hostPath, { throwIfNoEntry: false });
  if (stats !== undefined) return stats;
  throw new LabError('no-file', `There is no ${hostPath} on this host to copy.`);
}
