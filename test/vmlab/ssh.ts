import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from '../lab/layout.ts';
import { inNetns } from '../lab/network.ts';
import { run } from '../lab/run.ts';
import { controlOf, vmFiles } from './vm-layout.ts';

const ENVIRONMENT: readonly string[] = ['HOME=/root', 'USER=root', 'LOGNAME=root', 'LANG=C.UTF-8'];
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** A machine that is emulated on a busy host takes seconds for a handshake. */
const CONNECT_LIMIT_S = 30;

const OPTIONS: readonly string[] = [
  'BatchMode=yes',
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'LogLevel=ERROR',
  `ConnectTimeout=${CONNECT_LIMIT_S}`,
  'ServerAliveInterval=10',
  'ServerAliveCountMax=6',
  // The first command logs in, those that follow go through its connection: a login costs an emulated machine seconds.
  'ControlMaster=auto',
  'ControlPersist=300',
];

/** One word for the machine's shell, whatever is in it. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_/:=.,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * The command line that runs `argv` in a machine, over ssh on the control network: it goes on working while the machine is cut off from
 * the segment. `terminal` is the name of the terminal of a person in front of it.
 */
export function sshCommand(
  layout: Layout,
  node: string,
  imageDir: string,
  argv: readonly string[],
  terminal?: string,
): string[] {
  const variables = [...ENVIRONMENT, `PATH=${PATH}`, ...(terminal === undefined ? [] : [`TERM=${terminal}`])];
  const remote = ['exec', 'env', '-i', ...variables, ...argv].map(quote).join(' ');
  return inNetns(layout.switchNetns, [
    'ssh',
    ...(terminal === undefined ? ['-T'] : ['-t']),
    ...['-F', 'none', '-i', join(imageDir, 'ssh-key')],
    ...[...OPTIONS, `ControlPath=${vmFiles(layout, node).ssh}`].flatMap((option) => ['-o', option]),
    `root@${controlOf(node).ipv4}`,
    remote,
  ]);
}

/** Ends the connection that the commands share: the machine at its other end is about to be another one. */
export async function dropConnection(layout: Layout, node: string): Promise<void> {
  const { ssh } = vmFiles(layout, node);
  if (existsSync(ssh)) await run(['ssh', '-F', 'none', '-O', 'exit', '-o', `ControlPath=${ssh}`, 'root@any']);
  rmSync(ssh, { force: true });
}
