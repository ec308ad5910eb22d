import type { XmlElement } from '@hamn/xml';
import { isSecret, pairsOf } from '../cib.ts';
import { type Draft, leaveOut } from '../draft.ts';

/** The settings of a kind; undefined where it is left out, which the draft then says. */
export type Settings = Record<string, unknown> | undefined;

/** Names the parameters that are not carried over; values of secrets are not printed. */
export function leftOutPairs(
  primitive: XmlElement,
  used: readonly string[],
  draft: Draft,
  why: string,
): void {
  for (const [name, value] of pairsOf(primitive, 'instance_attributes'))
    if (!used.includes(name))
      leaveOut(draft, primitive, `${isSecret(name) ? name : `${name}=${value}`} is left out: ${why}.`);
}
