import type { ConfigPath } from '../issues.ts';

/** An issue that does not know its line yet. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly path: ConfigPath;
  /** Whether the key or its value is meant. */
  readonly on: 'key' | 'value';
  readonly value: unknown;
  readonly message: string;
  readonly legal?: readonly string[];
}

export const wrong = (
  path: ConfigPath,
  value: unknown,
  message: string,
  legal?: readonly string[],
): Finding => ({
  severity: 'error',
  on: 'value',
  path,
  value,
  message,
  ...(legal === undefined ? {} : { legal }),
});

export const doubtful = (path: ConfigPath, value: unknown, message: string): Finding => ({
  severity: 'warning',
  on: 'value',
  path,
  value,
  message,
});

export const onKey = (finding: Finding): Finding => ({ ...finding, on: 'key' });
