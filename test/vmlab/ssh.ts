import { join } from 'node:path';
import type { Layout } from '../lab/layout.ts';
import { inNetns } from '../lab/network.ts';
import { controlOf } from './vm-layout.ts';

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
    ...OPTIONS.flatMap((option) => ['-o', option]),
    `root@${controlOf(node).ipv4}`,
    remote,
  ]);
}
