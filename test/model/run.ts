/** One exhaustive search of the model: which variant of it, and what must come out. */
export interface ModelRun {
  readonly name: string;
  /** What is explored, planted or reached, in one sentence. */
  readonly about: string;
  /** Macros for `docs/model/term.pml`, as NAME or NAME=VALUE. */
  readonly defines: readonly string[];
  /**
   * `clean`: every state that can be reached is explored and none breaks an assertion. `caught`: a planted bug breaks one.
   * `reached`: what the variant is there for happens, which an assertion that fails tells.
   */
  readonly expect: 'clean' | 'caught' | 'reached';
}
