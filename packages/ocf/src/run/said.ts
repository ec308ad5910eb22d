import { reasonPrefix } from './environment.ts';

const mostCharacters = 300;
/** ocf-shellfuncs puts the time before each message. */
const stamp = /^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d /;

/** Why an agent failed, in its own words: its last `ocf-exit-reason`; undefined when it gave none. */
export function reasonOf(stderr: string): string | undefined {
  const reasons = linesOf(stderr).filter((line) => line.startsWith(reasonPrefix));
  const last = reasons.at(-1)?.slice(reasonPrefix.length).trim();
  return last === undefined || last === '' ? undefined : shortened(last);
}

/** Its reason, else the end of what it wrote, on one line of at most 300 characters; empty when it wrote nothing. */
export function said(stdout: string, stderr: string): string {
  const reason = reasonOf(stderr);
  if (reason !== undefined) return reason;
  const lines = linesOf(stderr);
  return shortened([...new Set(lines.length > 0 ? lines : linesOf(stdout))].slice(-3).join(' | '));
}

const linesOf = (text: string): readonly string[] =>
  text
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replace(stamp, '')
        .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
        .trim(),
    )
    .filter((line) => line !== '');

const shortened = (text: string): string =>
  text.length > mostCharacters ? `...${text.slice(3 - mostCharacters)}` : text;
