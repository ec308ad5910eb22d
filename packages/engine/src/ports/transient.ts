import type { Result } from '@hamn/core';
import type { Permit } from './permit.ts';
import type { UnitFailure } from './units.ts';

/**
 * A unit that is there for one program. systemd runs the program, so it has nothing of hamnd's confinement, and neither hamnd's death nor its restart
 * disturbs it. All it starts is in the unit's control group.
 */
export interface TransientUnit {
  readonly description: string;
  /** The program's absolute path, then its arguments as they are: nothing in them is expanded. */
  readonly command: readonly [string, ...string[]];
  /** Everybody on this node can read it: nothing secret belongs here. */
  readonly environment: Readonly<Record<string, string>>;
  /** A file of lines NAME="value" (systemd.exec(5), EnvironmentFile=), for what is secret. */
  readonly environmentFile?: string | undefined;
  /** What the program writes goes into this file; it must not be there before. */
  readonly outputFile: string;
  /** The program's time. Then its control group is ended. */
  readonly limitMs: number;
  /** What a program that ended with 0 has left goes on in the control group until the unit is stopped. Else it is ended with the program. */
  readonly remains: boolean;
}

export type TransientEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: number }
  /** It came to its limit and was ended: what it did is not known. */
  | { readonly kind: 'timeout' }
  /** Its unit was stopped. */
  | { readonly kind: 'stopped' }
  /** systemd's word for what kept it from being run: `resources`, `oom-kill` ... */
  | { readonly kind: 'other'; readonly result: string };

export interface TransientPort {
  /**
   * Ends when the program has ended. An earlier unit of this name is stopped first. `timeout`: it may still run, and its unit is the caller's
   * to stop. `permit` is asked immediately before the program is started.
   */
  startTransient(
    name: string,
    unit: TransientUnit,
    timeoutMs: number,
    permit: Permit,
  ): Promise<Result<TransientEnd, UnitFailure>>;
}
