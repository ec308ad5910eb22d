import { type Outcome, runStep, type Step } from './step.ts';

export interface RunOptions {
  /** How many run side by side. */
  readonly atOnce: number;
  /** When everything must have ended, on the clock of `performance.now()`. */
  readonly untilMs: number;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`;

/** Runs all steps, as many side by side as may, each after those that it names. One line for each; the output of those that fail. */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<readonly Outcome[]> {
  const waiting = [...steps];
  const running = new Map<string, Promise<Outcome>>();
  const outcomes: Outcome[] = [];
  const isOpen = (name: string): boolean => running.has(name) || waiting.some((step) => step.name === name);
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex((step) => !(step.after ?? []).some(isOpen));
    if (next !== -1 && running.size < options.atOnce) {
      const [step] = waiting.splice(next, 1);
      if (step !== undefined) running.set(step.name, runStep(step, limitOf(step, options)));
      continue;
    }
    if (running.size === 0) throw new Error('A broken invariant: the steps wait for each other.');
    const outcome = await Promise.race(running.values());
    running.delete(outcome.step.name);
    outcomes.push(outcome);
    print(outcome);
  }
  return outcomes;
}

const limitOf = (step: Step, options: RunOptions): number =>
  Math.min(step.limitMs, Math.max(1000, options.untilMs - performance.now()));

function print(outcome: Outcome): void {
  const { step, ok, reason, tookMs, output, count } = outcome;
  const tests = count.passed + count.failed > 1 ? `  ${count.passed} tests` : '';
  if (ok) return console.log(`ok    ${step.name.padEnd(22)}${seconds(tookMs)}${tests}`);
  console.log(`FAIL  ${step.name.padEnd(22)}${seconds(tookMs)}  ${reason}: ${step.argv.join(' ')}`);
  console.log(output.trimEnd());
  console.log(`----  end of ${step.name}`);
}
