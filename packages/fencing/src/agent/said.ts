import type { AgentOutput } from './run-agent.ts';

const mostCharacters = 300;
/** fencing.py puts the time and the level before each line; its hint about -h helps nobody here. */
const stamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ [A-Z]+: /;
const hint = "Please use '-h' for usage";

/** The end of what an agent wrote, on one line and without secrets; empty when it wrote nothing. */
export function said({ stdout, stderr }: Omit<AgentOutput, 'code'>, secrets: readonly string[]): string {
  // The whole text first: a secret may have been cut into lines.
  const text = stderr.trim() === '' ? stdout : stderr;
  const lines = masked(text, secrets)
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replace(stamp, '')
        .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
        .trim(),
    )
    .filter((line) => line !== '' && line !== hint);
  const tail = [...new Set(lines)].slice(-4).join(' | ');
  return tail.length > mostCharacters ? `...${tail.slice(3 - mostCharacters)}` : tail;
}

/** A secret of one or two characters is in any text: then nothing is told at all. */
export function masked(text: string, secrets: readonly string[]): string {
  if (secrets.some((secret) => secret.length > 0 && secret.length < 3)) return '(not shown)';
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  return longestFirst
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
