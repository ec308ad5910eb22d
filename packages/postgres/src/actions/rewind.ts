import { join } from 'node:path';
import { fail, ok, slotName } from '@hamn/core';
import type { CopyReport, Upstream } from '@hamn/engine';
import { keepDivergedMs, setAside } from '../diverged/set-aside.ts';
import { type ControlData, wasShutDown } from '../files/control-data.ts';
import { hasData, hasStandbySignal, putStandbySignal, removeStandbySignal } from '../files/data-directory.ts';
import { connectionText } from '../files/include-text.ts';
import type { Limit, Outcome } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { type Account, asAccount } from '../process/account.ts';
import { lastLines, runTool } from '../process/run-tool.ts';
import { asJob, clearTheWay, prepareSource, runJobTool } from './job.ts';
import { startStandby } from './start.ts';
import { stop } from './stop.ts';

/**
 * See PostgresPort.rewind. The marker stands while pg_rewind may be writing: when it fails before its first write the data is as it was; after that it is
 * `incomplete` and must be cloned.
 */
export function rewind(
  parts: Parts,
  upstream: Upstream,
  limit: Limit,
  keepMs: number = keepDivergedMs,
): Promise<Outcome<CopyReport | undefined>> {
  return asJob(parts, 'rewind', upstream, async () => {
    const { dataDirectory } = parts.options;
    const job = await parts.marker.read();
    if (job !== undefined || !(await hasData(dataDirectory)))
      return fail(
        'files',
        `${dataDirectory} holds no complete data: it cannot be rewound and must be cloned.`,
      );
    const account = await clearTheWay(parts, 'rewind', limit);
    if (!account.ok) return account;
    const source = await prepareSource(parts, upstream, slotName(parts.options.node), limit.part(0.3));
    if (!source.ok) return source;
    const control = await endCleanly(parts, account.value, limit);
    if (!control.ok) return control;
    if (control.value.systemId !== source.value.systemId)
      return fail(
        'other-system',
        `The data here belongs to database system ${control.value.systemId}, ${upstream.node} runs ${source.value.systemId}: it must be cloned.`,
      );
    const report = await setAside(
      parts,
      { upstream, source: source.value, account: account.value, control: control.value, keepMs },
      limit.part(0.3),
    );
    const rewound = await runRewind(parts, upstream, account.value, limit);
    if (!rewound.ok) return rewound;
    await parts.kept.putBack();
    await putStandbySignal(dataDirectory, account.value);
    await parts.marker.remove();
    return ok(report);
  });
}

/** pg_rewind wants a target that was shut down in order. */
async function endCleanly(parts: Parts, account: Account, limit: Limit): Promise<Outcome<ControlData>> {
  const before = await parts.control.read(limit);
  if (!before.ok || wasShutDown(before.value)) return before;
  const ended =
    before.value.state === 'in archive recovery'
      ? await endAsStandby(parts, limit)
      : await endAlone(parts, account, limit);
  if (!ended.ok) return ended;
  const now = await parts.control.read(limit);
  if (!now.ok || wasShutDown(now.value)) return now;
  return fail(
    'tool-failed',
    `The data here could not be brought to an orderly end (it is '${now.value.state}'): it must be cloned.`,
  );
}

/** A standby that was killed may have replayed more than one timeline, which only a standby can follow: it is started without an upstream, and stopped. */
async function endAsStandby(parts: Parts, limit: Limit): Promise<Outcome<undefined>> {
  const started = await startStandby(parts, undefined, limit.part(0.3));
  const stopped = await stop(parts, started.ok ? 'fast' : 'immediate', limit.part(0.3));
  if (!started.ok) return fail('tool-failed', `The data here must be cloned: ${started.error.message}`);
  return stopped.ok ? ok(undefined) : stopped;
}

/**
 * A primary that was killed recovers in a single-user server, which takes no sessions. (pg_rewind does the same, but before version 15 it cannot
 * be told where postgresql.conf is.)
 */
async function endAlone(parts: Parts, account: Account, limit: Limit): Promise<Outcome<undefined>> {
  const { dataDirectory, binDirectory } = parts.options;
  const configFile = await parts.configuration.configFile();
  if (!configFile.ok) return configFile;
  const signalled = await hasStandbySignal(dataDirectory);
  if (signalled) await removeStandbySignal(dataDirectory);
  const command = [
    join(binDirectory, 'postgres'),
    '--single',
    '-D',
    dataDirectory,
    '-c',
    `config_file=${configFile.value}`,
    'template1',
  ];
  const ran = await runTool({ command: asAccount(account, command), timeoutMs: limit.leftMs() });
  await putStandbySignal(dataDirectory, account);
  if (!ran.ok) return fail(ran.error.code === 'timeout' ? 'timeout' : 'tool-failed', ran.error.message);
  if (ran.value.code === 0) return ok(undefined);
  return fail(
    'tool-failed',
    `The crashed data could not be recovered, so it must be cloned: ${lastLines(ran.value.stderr)}`,
  );
}

async function runRewind(
  parts: Parts,
  upstream: Upstream,
  account: Account,
  limit: Limit,
): Promise<Outcome<undefined>> {
  const { dataDirectory, binDirectory, node, user } = parts.options;
  await parts.kept.putAside();
  await parts.marker.write('rewind', parts.clock.wallMs());
  let output = '';
  const ran = await runJobTool(
    parts,
    'rewind',
    account,
    [
      join(binDirectory, 'pg_rewind'),
      `--target-pgdata=${dataDirectory}`,
      `--source-server=${connectionText(upstream, {
        user,
        passfile: parts.configuration.passfile,
        applicationName: `hamn rewind ${node}`,
        database: 'postgres',
        tls: parts.configuration.tls.libpq,
      })}`,
      '--no-ensure-shutdown',
      '--progress',
    ],
    limit,
    (text) => {
      output = text;
    },
  );
  if (ran.ok) return ok(undefined);
  if (output !== '' && !wroteSomething(output)) await parts.marker.remove();
  return ran;
}

/** pg_rewind says this before it changes the first file (src/bin/pg_rewind/pg_rewind.c). */
const wroteSomething = (said: string): boolean => /rewinding from last common checkpoint/.test(said);
