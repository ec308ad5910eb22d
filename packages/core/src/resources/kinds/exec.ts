import { type ResourceTraits, serviceTraits } from './traits.ts';

/** Three programs of the admin's own. Each ends with 0 when it did what it says; `monitor` with 1, 3 or 7 when nothing runs; else it has failed. No shell reads them. */
export interface ExecResource {
  readonly kind: 'exec';
  readonly start: readonly string[];
  readonly stop: readonly string[];
  readonly monitor: readonly string[];
}

export const execTraits = (_: ExecResource): ResourceTraits => serviceTraits;
