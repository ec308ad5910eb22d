import type { Judgement, Judgements } from '@hamn/core';
import type { JournalPort } from '../ports/journal.ts';

const levelOf = {
  up: 'info',
  suspect: 'warn',
  down: 'error',
  unknown: 'info',
  maintenance: 'info',
} as const;

/** What is new in the judgements, each in a sentence with its reason. */
export function tellJudgements(before: Judgements, now: Judgements, journal: JournalPort): void {
  for (const judgement of now.of.values()) tellOne(before.of.get(judgement.name), judgement, journal);
  if (now.us !== undefined && before.us === undefined)
    journal.write({ event: 'service-node.us', level: 'error', message: now.us });
  if (now.us === undefined && before.us !== undefined)
    journal.write({
      event: 'service-node.not-us',
      level: 'info',
      message: 'It is no longer so that most service nodes seem down; nodes may be moved again.',
    });
}

function tellOne(before: Judgement | undefined, now: Judgement, journal: JournalPort): void {
  const { name, verdict, because, isFlapping } = now;
  const fields = { serviceNode: name, verdict };
  // What was never seen otherwise is no news.
  if (before?.verdict !== verdict && !(before === undefined && verdict === 'unknown'))
    journal.write({
      event: `service-node.${verdict}`,
      level: levelOf[verdict],
      message: `The service node ${name} is ${verdict === 'maintenance' ? 'in maintenance' : verdict}. ${because}`,
      fields,
    });
  if (isFlapping && before?.isFlapping !== true)
    journal.write({
      event: 'service-node.flapping',
      level: 'warn',
      message: `The service node ${name} goes down and up again and again: it gets no nodes until that is some time ago (probes.flapWindow).`,
      fields,
    });
}
