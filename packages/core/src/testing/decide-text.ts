import type { Decision } from '../decide/decide.ts';
import type { Intention } from '../decide/intention.ts';
import type { Memory } from '../decide/memory.ts';

/** A decision as a reader wants it: each rule that matched with its reason, then what is to be done, then what is remembered. */
export function decisionText(decision: Decision, before: Memory): readonly string[] {
  const rules = decision.trace.map((step) => `${step.band} ${step.rule}: ${step.because}`);
  return [...rules, ...decision.intentions.map(intentionText), ...memoryText(before, decision.memory)];
}

/** `reason` is left out: it is the rule's own because, or nearly. */
function intentionText(intention: Intention): string {
  const { kind, ...fields } = intention;
  const words = Object.entries(fields)
    .filter(([name]) => name !== 'reason' && name !== 'why')
    .map(([name, value]) => ` ${name}=${valueText(value)}`);
  return `-> ${kind}${words.join('')}`;
}

function memoryText(before: Memory, after: Memory): readonly string[] {
  const changed = Object.entries(after).filter(
    ([name, value]) => valueText(value) !== valueText(before[name as keyof Memory]),
  );
  return changed.map(([name, value]) => `remember ${name}=${valueText(value)}`);
}

/** Nested values in one line, without quotes; a text with spaces keeps them. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(' ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return `{${fields.map(([name, inner]) => `${name}=${valueText(inner)}`).join(' ')}}`;
  }
  if (typeof value === 'string') return value === '' || value.includes(' ') ? `"${value}"` : value;
  return value === undefined ? 'none' : String(value);
}
