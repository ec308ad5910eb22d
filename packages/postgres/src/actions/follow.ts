import { readFile } from 'node:fs/promises';
import { fail, ok } from '@hamn/core';
import type { Upstream } from '@hamn/engine';
import { parseLine } from '../files/config-tree.ts';
import type { Limit, Outcome } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { findPostmaster } from '../process/postmaster.ts';
import { reloadAndSee, requestReload } from './reload.ts';

/** See PostgresPort.follow: since version 13 a reload is enough; the WAL receiver starts again with the new connection. */
export async function follow(
  parts: Parts,
  upstream: Upstream | undefined,
  limit: Limit,
): Promise<Outcome<undefined>> {
  const written = await parts.configuration.update((now) => ({ ...now, upstream }));
  if (!written.ok) return written;
  if ((await findPostmaster(parts.options.dataDirectory)) === undefined) return ok(undefined);
  const value = await configured(parts, 'primary_conninfo');
  if (!value.ok) {
    await requestReload(parts);
    return value;
  }
  const seen = await reloadAndSee(parts, { name: 'primary_conninfo', value: value.value }, limit);
  return seen.ok ? ok(undefined) : seen;
}

/** What hamn.conf itself sets, as the server will show it. */
export async function configured(parts: Parts, name: string): Promise<Outcome<string>> {
  const { includeFile } = parts.configuration;
  const lines = (await readFile(includeFile, 'utf8').catch(() => '')).split('\n').map(parseLine);
  const value = lines.findLast((line) => line?.name === name)?.value;
  return value === undefined ? fail('files', `${includeFile} does not set ${name}.`) : ok(value);
}
