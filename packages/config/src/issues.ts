/** One thing that is wrong (or doubtful) in a configuration text, with its place. */
export interface ConfigIssue {
  readonly severity: 'error' | 'warning';
  /** Where in the document: keys and list indices from the top. */
  readonly path: ConfigPath;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** What stands there, undefined when something is missing. */
  readonly value: unknown;
  /** Full sentences: what is wrong, and what to do. */
  readonly message: string;
  /** What may stand there, when that can be listed. */
  readonly legal?: readonly string[];
}

export type ConfigPath = readonly (string | number)[];

export interface ConfigError {
  readonly code: 'bad-config';
  /** All errors, as `formatErrors` writes them. */
  readonly message: string;
  readonly issues: readonly ConfigIssue[];
}

/** A `Result` that also carries warnings: doubts that do not forbid the use of the value. */
export type ConfigResult<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly ConfigIssue[] }
  | { readonly ok: false; readonly error: ConfigError };

/** `groups.mn.vips[0].address`; the empty path is the document itself. */
export function formatPath(path: ConfigPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w-]+$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `["${part}"]`;
  }
  return text;
}

function formatIssue(fileName: string, issue: ConfigIssue): string {
  const path = formatPath(issue.path);
  const place = `${fileName}:${issue.line}:${issue.column}${path === '' ? '' : ` ${path}`}`;
  return `${place}: ${issue.severity === 'warning' ? 'Warning: ' : ''}${issue.message}`;
}

/** One line for each issue: `hamn.yaml:12:7 groups.mn.vips[0].address: …`. */
export const formatErrors = (fileName: string, issues: readonly ConfigIssue[]): string =>
  issues.map((issue) => formatIssue(fileName, issue)).join('\n');

/** A failed reading; the issues are put in the order of the text. */
export function badConfig(
  fileName: string,
  issues: readonly ConfigIssue[],
): { readonly ok: false; readonly error: ConfigError } {
  const ordered = inOrder(issues);
  return {
    ok: false,
    error: { code: 'bad-config', message: formatErrors(fileName, ordered), issues: ordered },
  };
}

export const inOrder = (issues: readonly ConfigIssue[]): readonly ConfigIssue[] =>
  [...issues].sort((a, b) => a.line - b.line || a.column - b.column);
