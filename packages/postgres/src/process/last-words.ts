import { open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runTool } from './run-tool.ts';

/** What PostgreSQL itself said of a start that failed, with secrets left out. */

const journalMs = 1500;
const tailBytes = 16 * 1024;
const mostLines = 3;

interface Place {
  readonly dataDirectory: string;
  readonly unit: string;
}

/** How long each log was before a start: what comes after is about that start. */
export interface LogMarks {
  readonly sizes: ReadonlyMap<string, number>;
  readonly wallMs: number;
}

export async function markLogs(place: Place, wallMs: number): Promise<LogMarks> {
  const sizes = new Map<string, number>();
  for (const file of await logFiles(place)) sizes.set(file, (await sizeOf(file)) ?? 0);
  return { sizes, wallMs };
}

/** The last lines that say why; undefined when nobody said anything. */
export async function lastWords(place: Place, marks: LogMarks): Promise<string | undefined> {
  const texts: string[] = [];
  for (const file of await logFiles(place)) texts.push(await readFrom(file, marks.sizes.get(file) ?? 0));
  const own = tellingLines(texts.join('\n'));
  if (own.length > 0) return own.join(' ');
  const since = `@${Math.floor(marks.wallMs / 1000)}`;
  const command = ['journalctl', '-u', place.unit, '-o', 'cat', '-n', '60', '--no-pager', `--since=${since}`];
  const ran = await runTool({ command, timeoutMs: journalMs });
  const journal = tellingLines(ran.ok ? ran.value.stdout : '');
  return journal.length > 0 ? journal.join(' ') : undefined;
}

/** Where distributions and PostgreSQL's own settings put logs: inside the data, beside it (RHEL's pgstartup.log), and Debian's directory. */
async function logFiles({ dataDirectory, unit }: Place): Promise<readonly string[]> {
  const debian = /^postgresql@(\d+)-(\w+)\.service$/.exec(unit);
  const inside = await Promise.all(['log', 'pg_log'].map((name) => listLogs(join(dataDirectory, name))));
  const beside = await listLogs(dirname(dataDirectory));
  const own = debian === null ? [] : [`/var/log/postgresql/postgresql-${debian[1]}-${debian[2]}.log`];
  return [...inside.flat(), ...beside, ...own];
}

async function listLogs(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => name === 'log' || name.endsWith('.log')).map((name) => join(directory, name));
}

const sizeOf = (file: string): Promise<number | undefined> =>
  stat(file).then(
    (info) => (info.isFile() ? info.size : undefined),
    () => undefined,
  );

async function readFrom(file: string, offset: number): Promise<string> {
  const size = await sizeOf(file);
  if (size === undefined || size <= offset) return '';
  const begin = Math.max(offset, size - tailBytes);
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const buffer = Buffer.alloc(size - begin);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, begin);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The lines that name a cause, without their prefix, the last ones. */
export function tellingLines(text: string): readonly string[] {
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const said = /\b(PANIC|FATAL|ERROR|HINT|DETAIL): .*/.exec(line)?.[0] ?? couldNot(line);
    if (said === undefined || saysNothing.test(said)) continue;
    const clean = redact(said.trim().replaceAll(/\s+/g, ' '));
    if (!found.includes(clean)) found.push(/[.!?]$/.test(clean) ? clean : `${clean}.`);
  }
  return [...new Set(found)].slice(-mostLines);
}

/** What every start and every end says, and what the last server's sessions say of its end. */
const saysNothing =
  /the database system is (?:starting up|shutting down|in recovery mode)|terminating (?:connection|walreceiver|background worker) /;

/** Processes of the last server still end, or its files are still there: the next try tells. */
export const mayPass = (words: string): boolean =>
  /pre-existing shared memory block|lock file "[^"]*" (?:already exists|is empty)|is another postmaster/i.test(
    words,
  );

const couldNot = (line: string): string | undefined =>
  /\b(?:could not|invalid|syntax error|Permission denied)\b.*/.exec(line)?.[0];

/** Connection texts and statements can hold passwords. */
export const redact = (text: string): string =>
  text
    .replaceAll(/(pass(?:word|wd)?\s*[=:]?\s*)('(?:[^']|'')*'|"[^"]*"|(?<==\s*)\S+)/gi, '$1***')
    .replaceAll(/SCRAM-SHA-256\$\S+/g, '***')
    .replaceAll(/\bmd5[0-9a-f]{32}\b/g, '***');

/** Only what lies in the data: no change of a setting, a permission or another process would help. */
const damages: readonly RegExp[] = [
  /could not locate a valid checkpoint record/,
  /could not locate required checkpoint record/,
  /invalid (?:primary )?checkpoint record/,
  /could not find redo location/,
  /WAL ends before (?:end of online backup|consistent recovery point)/,
  /incorrect checksum in control file/,
  /could not (?:open|read) (?:control )?file "[^"]*pg_control": (?:No such file|read \d+ of)/,
  /could not (?:open|read) file "(?:global|base|pg_xact|pg_multixact)\/[^"]*": (?:No such file|read \d+ of)/,
  /invalid data in file "[^"]*(?:history|backup_label)"/,
  /requested timeline \d+ is not a child of this server's history/,
  /could not find the database system/,
];

export const speaksOfDamage = (text: string): boolean => damages.some((pattern) => pattern.test(text));
