import { type ClusterSettings, formatErrors, readClusterSettings } from '@hamn/config';
import { fail, ok, type Result } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { loadText } from '../../connect/node-file.ts';
import { usage } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { formatDuration, listOf } from '../../text/quantities.ts';

export interface ValidateOptions extends GlobalOptions {
  readonly file: string;
}

export async function validateConfig(options: ValidateOptions, app: App): Promise<ExitCode> {
  const read = await loadSettings(options.file, app);
  if (!read.ok) return usage(app, read.error.message);
  app.io.out(`${options.file} is right: ${summary(read.value.settings)}\n`);
  return exitCodes.ok;
}

export interface LoadedSettings {
  readonly text: string;
  readonly settings: ClusterSettings;
}

/** Reads and checks a file of settings. Warnings go to stderr at once. */
export async function loadSettings(
  file: string,
  app: App,
): Promise<Result<LoadedSettings, 'no-file' | 'bad-config'>> {
  const text = await loadText(file);
  if (!text.ok) return text;
  const read = readClusterSettings(text.value, file);
  if (!read.ok) return fail('bad-config', read.error.message);
  if (read.warnings.length > 0) app.io.err(`${formatErrors(file, read.warnings)}\n`);
  return ok({ text: text.value, settings: read.value });
}

export function summary({ nodes, groups, timings }: ClusterSettings): string {
  const data = nodes.filter((node) => node.role === 'data').map((node) => node.name);
  const witnesses = nodes.filter((node) => node.role === 'witness').map((node) => node.name);
  const votes = witnesses.length === 0 ? '' : `, ${listOf(witnesses)} as witness`;
  return `${listOf(data)} with data${votes}; group ${listOf([...groups.keys()])}; T ${formatDuration(timings.termMs)}.`;
}
