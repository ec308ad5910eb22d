import { join } from 'node:path';
import { type Account, asAccount } from '../process/account.ts';
import { runTool } from '../process/run-tool.ts';

export type Parameters = Readonly<Record<string, string>>;

export interface CheckedParameters {
  readonly good: Parameters;
  /** One sentence for each that the server would not take. */
  readonly refused: readonly string[];
}

const limitMs = 10_000;

/**
 * Which of these settings this machine's PostgreSQL takes. One that it does not take would keep it from starting, and from taking anything of a later reload. The
 * program itself is asked (`postgres -C`, without any files), whether the server runs or not.
 */
export async function checkParameters(
  binDirectory: string,
  account: Account,
  parameters: Parameters,
): Promise<CheckedParameters> {
  const entries = Object.entries(parameters);
  if (entries.length === 0 || (await refusal(binDirectory, account, entries)) === undefined)
    return { good: parameters, refused: [] };
  const good: (readonly [string, string])[] = [];
  const refused: string[] = [];
  for (const entry of entries) {
    const reason = await refusal(binDirectory, account, [entry]);
    if (reason === undefined) good.push(entry);
    else refused.push(`${entry[0]} = ${entry[1]} is not used: PostgreSQL does not take it (${reason}).`);
  }
  return { good: Object.fromEntries(good), refused };
}

async function refusal(
  binDirectory: string,
  account: Account,
  entries: readonly (readonly [string, string])[],
): Promise<string | undefined> {
  const command = [
    join(binDirectory, 'postgres'),
    ...['-D', '/', '-c', 'config_file=/dev/null', '-C', 'port'],
    ...entries.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const ran = await runTool({ command: asAccount(account, command), timeoutMs: limitMs });
  if (!ran.ok) return ran.error.message;
  return ran.value.code === 0 ? undefined : reasonIn(ran.value.stderr);
}

/** The server's words without its time and process: `2026-... [42] FATAL:  invalid value ...`, and its hint. */
export function reasonIn(stderr: string): string {
  const said = [...stderr.matchAll(/\b(?:FATAL|HINT):\s+(.*)$/gm)].map((match) => match[1]?.trim() ?? '');
  return said.length > 0 ? said.join(' ') : 'it gave no reason';
}
