import { isPattern, listedPath, type SyncResource } from '@hamn/core';
import { moduleName } from '../sender/rsync.ts';

/** The texts of the files that a receiver lives by. */

export interface ReceiverPlaces {
  /** Of this resource, below /run. */
  readonly folder: string;
  /** Where hamnd's sshd listens: this node's own address. */
  readonly address: string;
  readonly hostKeyFile: string;
  /** The forced command. */
  readonly gate: string;
  readonly standingFile: string;
  /** Below which the files are written; for tests on one machine. Default: /. */
  readonly root?: string | undefined;
}

/**
 * hamn's own sshd: the node's one may forbid root, and its `authorized_keys` is not hamn's. Without PAM, for that would put a session into another
 * control group than the one that hamn ends. SHLVL: a root's bash that sshd starts reads ~/.bashrc (bash(1), INVOCATION), which may print or take
 * seconds; a deeper shell does not.
 */
export const sshdConfig = ({ folder, address, hostKeyFile }: ReceiverPlaces, port: number): string => `\
ListenAddress ${address}
Port ${port}
HostKey ${hostKeyFile}
AuthorizedKeysFile ${folder}/authorized_keys
PidFile ${folder}/sshd.pid
UsePAM no
AllowUsers root
PermitRootLogin forced-commands-only
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
DisableForwarding yes
PermitTTY no
PermitUserRC no
PermitUserEnvironment no
PermitTunnel no
GatewayPorts no
PrintMotd no
UseDNS no
SetEnv SHLVL=2
LoginGraceTime 10
MaxAuthTries 3
MaxSessions 8
MaxStartups 10:50:20
ClientAliveInterval 2
ClientAliveCountMax 5
LogLevel INFO
`;

/** `restrict`: no forwarding, no terminal, nothing but the command (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
export const authorizedKeys = (
  { folder, gate, standingFile }: ReceiverPlaces,
  keys: ReadonlyMap<string, string>,
): string =>
  [...keys]
    .map(
      ([node, key]) =>
        `restrict,command="/bin/sh ${gate} ${folder} ${standingFile} ${node}" ${key} ${node}\n`,
    )
    .join('');

/** chroot into / changes nothing, but without it rsync would rewrite the targets of symbolic links. */
export const rsyncdConfig = ({ folder, root = '/' }: ReceiverPlaces): string => `\
use chroot = yes
reverse lookup = no
forward lookup = no
log file = /dev/null
max connections = 8
lock file = ${folder}/rsyncd.lock
[${moduleName}]
path = ${root}
uid = 0
gid = 0
read only = no
write only = yes
list = no
numeric ids = yes
munge symlinks = no
timeout = 60
exclude from = ${folder}/rules
`;

/** What may be written here, whatever the other side sends: rsync's old rules, the first that fits counts. */
export function rsyncRules({ paths, exclude }: Pick<SyncResource, 'paths' | 'exclude'>): string {
  const parents = new Set<string>();
  const own: string[] = [];
  for (const written of paths) {
    const { path, pattern } = listedPath(written);
    const base = pattern?.folder ?? path;
    const parts = base.split('/').slice(1, pattern === undefined ? -1 : undefined);
    for (let end = 1; end <= parts.length; end += 1) parents.add(`/${parts.slice(0, end).join('/')}`);
    const name = pattern === undefined ? literal(path) : `${literal(pattern.folder)}/${pattern.names}`;
    own.push(`+ ${name}`, `+ ${name}/**`);
  }
  return [
    ...exclude.map((one) => `- ${one.startsWith('/') || !isPattern(one) ? literal(one) : one}`),
    ...own,
    ...[...parents].map((path) => `+ ${literal(path)}/`),
    '- *',
    '',
  ].join('\n');
}

/** A backslash has its meaning only where there is another special character (rsync(1), PATTERN MATCHING RULES). */
const literal = (path: string): string => (/[*?[]/.test(path) ? path.replace(/[\\*?[]/g, '\\$&') : path);
