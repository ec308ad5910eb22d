/** An expected failure: `code` is for programs and tests, `message` a full sentence for a person, with the remedy. */
export interface Failure<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
}

export type Result<T, Code extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Failure<Code> };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const done: { readonly ok: true; readonly value: undefined } = ok(undefined);

export const fail = <Code extends string>(
  code: Code,
  message: string,
): { readonly ok: false; readonly error: Failure<Code> } => ({ ok: false, error: { code, message } });

/** A broken invariant: the process must die, and the guard acts. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`A broken invariant: ${message}`);
}

/** What is left of a union after every case was handled. */
export const unreachable = (value: never): never => {
  throw new Error(`A broken invariant: this case cannot be: ${JSON.stringify(value)}`);
};
