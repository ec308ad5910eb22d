/** One exhaustive search of the model: which variant of it, and what must come out. */
export interface ModelRun {
  readonly name: string;
  /** What is explored or planted, in one sentence. */
  readonly about: string;
  /** Macros for `docs/model/term.pml`, as NAME or NAME=VALUE. */
  readonly defines: readonly string[];
  /** `clean`: every reachable state is explored and none breaks an assertion. `caught`: an assertion fails. */
  readonly expect: 'clean' | 'caught';
  /** Breadth first finds the shortest story; depth first needs less memory. */
  readonly search?: 'breadth' | 'depth';
}
