import { holdersOf, type ViewFacts } from '../build/view-facts.ts';
import { type Problem, problem } from '../problem.ts';

/** Each VIP belongs to the holder of the term, and to nobody else. */
export function vipProblems(facts: ViewFacts): readonly Problem[] {
  return (facts.settings?.vips ?? []).flatMap((vip) => {
    const holders = holdersOf(facts, vip.address);
    const strangers = holders.filter((name) => name !== facts.holder);
    if (strangers.length > 0)
      return [
        problem(
          'error',
          `${strangers.join(' and ')} ${strangers.length > 1 ? 'have' : 'has'} the VIP ${vip.address} without holding the term.`,
          `It goes by itself when its lifetime ends. If it stays: \`ip address del ${vip.address}/${vip.prefixLength} dev ${vip.interface}\` there.`,
        ),
      ];
    const absent =
      facts.holder !== undefined && facts.member(facts.holder) !== undefined && holders.length === 0;
    return absent
      ? [
          problem(
            'error',
            `Nobody has the VIP ${vip.address}: clients cannot reach the primary ${facts.holder ?? ''}.`,
            `Look at the interface ${vip.interface} there with \`ip address show ${vip.interface}\`; \`hamnctl events\` says what was tried.`,
          ),
        ]
      : [];
  });
}
