import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { done, fail, type Result, type SyncResource } from '@hamn/core';
import { always, type Deadline, pause, type ResourceFailure } from '@hamn/engine';
import { makeFolder, replaceFile } from '../receiver/permit.ts';
import {
  authorizedKeys,
  type ReceiverPlaces,
  rsyncdConfig,
  rsyncRules,
  sshdConfig,
} from '../receiver/receiver-files.ts';
import type { Places } from './folders.ts';
import { processesOf, startUnit, stopUnits, type UnitDeps } from './units.ts';

/** What receives on this node: an sshd of hamn's own, in a unit that ends with all its sessions. */

const sshd = '/usr/sbin/sshd';
const pollMs = 30;

/** What a session reads when it begins; a running sshd needs no restart for it. */
export function writeReceiverFiles(
  places: Places,
  what: SyncResource,
  keys: ReadonlyMap<string, string>,
): void {
  makeFolder(places.folder);
  const texts = {
    authorized_keys: authorizedKeys(places, keys),
    'rsyncd.conf': rsyncdConfig(places),
    rules: rsyncRules(what),
  };
  for (const [name, text] of Object.entries(texts)) replaceWhereOther(join(places.folder, name), text);
}

/** Runs already with these settings: nothing is done. */
export async function startReceiver(
  deps: UnitDeps,
  places: Places,
  what: SyncResource,
  limit: Deadline,
): Promise<Result<undefined, ResourceFailure>> {
  const config = join(places.folder, 'sshd_config');
  const isOther = replaceWhereOther(config, sshdConfig(places, what.port));
  if (!isOther && processesOf(places.receiverUnit).length > 0) return done;
  const stopped = await stopUnits(deps, [places.receiverUnit], limit);
  if (!stopped.ok) return stopped;
  // sshd(8): it will not work without; systemd makes it with the node's own sshd, which may be off.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const started = await startUnit(
    deps,
    places.receiverUnit,
    {
      description: 'hamn: receives the files of the primary',
      // Started by systemd itself, sshd takes itself for a daemon already and never goes into the background.
      command: ['/usr/bin/setsid', '--fork', sshd, '-D', '-f', config],
      folder: places.folder,
    },
    limit,
    always,
  );
  if (!started.ok) return started;
  while (limit.leftMs() > 0) {
    if (await answers(places.address, what.port, limit.leftMs())) return done;
    if (processesOf(places.receiverUnit).length === 0)
      return fail(
        'failed',
        `${sshd} ended at once: does something else listen at ${places.address} port ${what.port}? journalctl -u ${places.receiverUnit} has its words.`,
      );
    await pause(deps.clock, pollMs);
  }
  return fail('timeout', `${sshd} did not listen at ${places.address} port ${what.port} in time.`);
}

/**
 * Another port: a running sshd is told, and listens there from now on; the sessions that it has go on. `running` are the processes of the receiver. One
 * that does not run gets its settings when it is started.
 */
export function renewReceiver(places: ReceiverPlaces, port: number, running: () => readonly number[]): void {
  const config = join(places.folder, 'sshd_config');
  const text = sshdConfig(places, port);
  if (read(config) === text) return;
  const listening = listenerOf(places);
  if (!running().includes(listening)) return;
  replaceFile(config, text);
  // sshd(8): SIGHUP makes it read its settings anew, by starting itself once more under the same pid.
  process.kill(listening, 'SIGHUP');
}

const listenerOf = ({ folder }: Pick<ReceiverPlaces, 'folder'>): number =>
  Number(read(join(folder, 'sshd.pid')));

/** A newer term has begun elsewhere: what an older one still sends is not wanted. The listening process goes on. */
export function endSessions(places: Places): void {
  const listening = listenerOf(places);
  for (const pid of processesOf(places.receiverUnit)) {
    if (pid === listening) continue;
    try {
      // Asked, rsync removes what it has begun.
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended.
    }
  }
}

/** What this node lacks, as a sentence with the remedy; undefined: nothing. */
export function lacking(): string | undefined {
  const missing = [
    [sshd, 'openssh-server'],
    ['/usr/bin/ssh', 'openssh-client (openssh-clients on RHEL)'],
    ['/usr/bin/ssh-keygen', 'openssh-client (openssh on RHEL)'],
    ['/usr/bin/rsync', 'rsync'],
  ].filter(([program = '']) => !existsSync(program));
  if (missing.length === 0) return undefined;
  return `This node has no ${missing.map(([program]) => program).join(', no ')}. Install ${missing.map(([, name]) => name).join(', ')}.`;
}

function answers(host: string, port: number, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(Math.max(1, limitMs), () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** Whether it was another one. */
export function replaceWhereOther(file: string, text: string): boolean {
  if (read(file) === text) return false;
  replaceFile(file, text);
  return true;
}
