/** A checker's word: what must never happen has happened. */
export interface Violation {
  readonly checker: string;
  readonly atMs: number;
  readonly message: string;
}

export type Report = (checker: string, message: string) => void;
