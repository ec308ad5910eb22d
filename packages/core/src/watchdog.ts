import { leastMarginMs, marginParts } from './timings.ts';

/** The machine's watchdog as hamn-guard sees it. */
export type WatchdogView =
  | { readonly state: 'off' }
  | {
      readonly state: 'active';
      /** No term is armed without it. */
      readonly required: boolean;
      /** What the driver calls itself. */
      readonly identity: string;
      readonly timeoutMs: number;
      /** The shortest timeout that it can do. */
      readonly leastMs: number;
    }
  | { readonly state: 'missing'; readonly required: boolean; readonly reason: string };

/**
 * A machine that is not harmless this long after its deadline is to be reset: the deadline lies a margin before the instant at which others may
 * take, and this is the part of the margin that pays for making the node harmless.
 */
export const biteAfterDeadlineMs: number = marginParts.demotionMs;

/**
 * The longest shortest timeout that a watchdog may have to reset the machine in time in a term of this length. Half of the time to the deadline
 * is left for a renewal that is slow: two requests and an interval fit into it, and a healthy primary must not be reset for one of them.
 */
export const mostWatchdogMs = (termMs: number): number =>
  Math.floor((termMs - leastMarginMs(termMs)) / 2) + biteAfterDeadlineMs;

/** Why this watchdog may reset the machine only after others have taken the term; undefined when it is in time. */
export function whyLate(watchdog: WatchdogView | undefined, termMs: number): string | undefined {
  if (watchdog?.state !== 'active' || watchdog.leastMs <= mostWatchdogMs(termMs)) return undefined;
  return `The watchdog's shortest timeout is ${watchdog.leastMs} ms; with a term of ${termMs} ms it may be at most ${mostWatchdogMs(termMs)} ms, or it resets this machine too late.`;
}

/** Why no term may be armed: the watchdog is required and is not there, or is too slow. */
export function whyNotArmed(watchdog: WatchdogView | undefined, termMs: number): string | undefined {
  if (watchdog === undefined || watchdog.state === 'off' || !watchdog.required) return undefined;
  const why = watchdog.state === 'missing' ? watchdog.reason : whyLate(watchdog, termMs);
  return why === undefined ? undefined : `A watchdog is required on it. ${why}`;
}
