import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, slotName } from '@hamn/core';
import type { CopyReport, Upstream } from '@hamn/engine';
import { keepDivergedMs, setAside } from '../diverged/set-aside.ts';
import { exists, hasData, isMountPoint, putStandbySignal } from '../files/data-directory.ts';
import { connectionText } from '../files/include-text.ts';
import { OldData } from '../files/old-data.ts';
import { makeDirectoryFor } from '../files/write.ts';
import { type Limit, type Outcome, startLimit } from '../limit.ts';
import type { Parts } from '../parts.ts';
import type { Account } from '../process/account.ts';
import { freeBytes, megabytes } from '../process/free-space.ts';
import { checkCopy, prepareStandby, watchStandby } from './clone-source.ts';
import { asJob, clearTheWay, prepareSource, runJobTool, type Source } from './job.ts';

/** Room for the WAL that is written while the copy runs. */
const spareBytes = 256 * 1024 * 1024;
/** How long a standby that shall be copied is waited for. */
const standbyMs = 60_000;

/**
 * See PostgresPort.clone. The copy is made beside and exchanged by two renames, so the old data is whole until then; a data directory that is a mount point cannot be
 * renamed and is refused (mount its parent instead). `standby`: the files are read there; the primary is asked all the same, and keeps the WAL from before the copy's end.
 */
export function clone(
  parts: Parts,
  upstream: Upstream,
  limit: Limit,
  keepMs: number = keepDivergedMs,
  standby?: Upstream,
): Promise<Outcome<CopyReport | undefined>> {
  return asJob(parts, 'clone', standby ?? upstream, async () => {
    const directory = await realpath(parts.options.dataDirectory).catch(() => parts.options.dataDirectory);
    if ((await exists(directory)) && (await isMountPoint(directory)))
      return fail(
        'files',
        `${directory} is a mount point, so a clone cannot take its place. Mount the file system at ${dirname(directory)}, or clone by hand with pg_basebackup.`,
      );
    const account = await clearTheWay(parts, 'clone', limit);
    if (!account.ok) return account;
    const old = new OldData(directory);
    await old.removeClone();
    const source = await prepareSource(parts, upstream, slotName(parts.options.node), limit.part(0.3));
    if (!source.ok) return source;
    if (standby !== undefined) {
      const usable = await prepareStandby(
        parts,
        standby,
        source.value,
        startLimit(parts.clock, Math.min(limit.leftMs(), standbyMs)),
      );
      if (!usable.ok) return usable;
    }
    const fits = await checkSource(source.value, upstream, dirname(directory));
    if (!fits.ok) return fits;
    const runs = await checkVersion(parts, source.value, upstream);
    if (!runs.ok) return runs;
    let report: CopyReport | undefined;
    if ((await parts.marker.read()) === undefined && (await hasData(directory))) {
      await parts.kept.putAside();
      const control = await parts.control.read(limit);
      if (control.ok && control.value.systemId === source.value.systemId)
        report = await setAside(
          parts,
          { upstream, source: source.value, account: account.value, control: control.value, keepMs },
          limit.part(0.3),
        );
    }
    await parts.marker.write('clone', parts.clock.wallMs());
    const to = { account: account.value, target: old.clonePath };
    const copied =
      standby === undefined
        ? await copy(parts, upstream, to, limit)
        : await copyStandby(parts, standby, source.value, to, limit);
    if (!copied.ok) return copied;
    await parts.kept.putBack(old.clonePath);
    await putStandbySignal(old.clonePath, account.value);
    await old.exchange();
    await parts.marker.remove();
    return ok(report);
  });
}

async function checkSource(source: Source, upstream: Upstream, parent: string): Promise<Outcome<undefined>> {
  if (source.otherTablespaces.length > 0)
    return fail(
      'tool-failed',
      `${upstream.node} has tablespaces outside its data directory (${source.otherTablespaces.join(', ')}); hamn does not copy them. Clone this node by hand with pg_basebackup --tablespace-mapping.`,
    );
  const needed = Math.ceil(source.bytes * 1.05) + spareBytes;
  const free = await freeBytes(parent);
  if (free === undefined || free >= needed) return ok(undefined);
  return fail(
    'no-space',
    `A clone of ${upstream.node} needs ${megabytes(needed)} under ${parent}, and ${megabytes(free)} are free. Free some space; the old data stays until the clone has started.`,
  );
}

/** Another major version cannot start on the copy; the old data is not given up for that. */
async function checkVersion(parts: Parts, source: Source, upstream: Upstream): Promise<Outcome<undefined>> {
  const own = (await parts.software.ask()).postgres;
  const theirs = Math.floor(source.version / 10_000);
  if (own === undefined || Number(own.split('.')[0]) === theirs) return ok(undefined);
  return fail(
    'files',
    `PostgreSQL ${own} is installed here (${parts.options.binDirectory}) and ${theirs} runs on ${upstream.node}: another major version cannot use the same data, so nothing is cloned. Install PostgreSQL ${theirs} here, or correct postgres.version.`,
  );
}

interface Target {
  readonly account: Account;
  readonly target: string;
}

/** It ends in time when the standby is lost: the next clone is read from the primary. */
async function copyStandby(
  parts: Parts,
  standby: Upstream,
  primary: Source,
  to: Target,
  limit: Limit,
): Promise<Outcome<undefined>> {
  let lost: string | undefined;
  const end = watchStandby(parts, standby, primary.timeline, (because) => {
    lost = because;
    void parts.marker.killLeftover();
  });
  const copied = await copy(parts, standby, to, limit);
  end();
  if (lost !== undefined)
    return fail(
      'tool-failed',
      `The clone of ${standby.node} was ended: ${standby.node} was lost as a standby (${lost}).`,
    );
  return copied.ok ? checkCopy(to.target, standby, primary) : copied;
}

async function copy(parts: Parts, upstream: Upstream, to: Target, limit: Limit): Promise<Outcome<undefined>> {
  const { binDirectory, node, user } = parts.options;
  await makeDirectoryFor(to.account, to.target);
  const command = [
    join(binDirectory, 'pg_basebackup'),
    `--pgdata=${to.target}`,
    '--wal-method=stream',
    '--checkpoint=fast',
    '--progress',
    '--no-password',
    `--slot=${slotName(node)}`,
    `--dbname=${connectionText(upstream, { user, passfile: parts.configuration.passfile, applicationName: 'pg_basebackup', tls: parts.configuration.tls.libpq })}`,
  ];
  const ran = await runJobTool(parts, 'clone', to.account, command, limit);
  return ran.ok ? ok(undefined) : ran;
}
