import { fail, ok } from '@hamn/core';
import type { IncludeState } from '../files/include-text.ts';
import type { Limit, Outcome } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { textField } from '../session/fields.ts';
import { askRole } from './ask.ts';
import { requestReload } from './reload.ts';

/** A primary follows nobody: what it had to have while it was a standby does not bind it any more. */
export const settingsChange =
  (inRecovery: boolean) =>
  (now: IncludeState): IncludeState =>
    inRecovery ? now : { ...now, floors: undefined };

/** See PostgresPort.applySettings. */
export async function applySettings(parts: Parts, limit: Limit): Promise<Outcome<undefined>> {
  const role = await askRole(parts, 'The settings cannot be put in force', limit.part(0.5));
  if (!role.ok) return role;
  const written = await parts.configuration.update(settingsChange(role.value === 'standby'));
  if (!written.ok) return written;
  await requestReload(parts);
  return readable(parts, limit);
}

/** PostgreSQL takes nothing of a reload when a file has an error. A setting that only waits for a restart shows as one, too, in the server's language: those of that kind are left out. */
async function readable(parts: Parts, limit: Limit): Promise<Outcome<undefined>> {
  const asked = await parts.commander.query(
    `SELECT sourcefile, sourceline::text AS sourceline, error FROM pg_file_settings AS line
      WHERE error IS NOT NULL AND sourcefile IS NOT NULL
        AND NOT EXISTS (SELECT FROM pg_settings WHERE pg_settings.name = line.name AND context = 'postmaster')
      ORDER BY seqno LIMIT 1`,
    limit.leftMs(),
  );
  const row = asked.ok ? asked.value[0] : undefined;
  if (row === undefined) return ok(undefined);
  return fail(
    'files',
    `PostgreSQL takes no change of its settings: ${textField(row, 'error')} in ${textField(row, 'sourcefile')} line ${textField(row, 'sourceline')}. Correct that line.`,
  );
}
