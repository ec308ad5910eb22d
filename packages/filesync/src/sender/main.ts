import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { answerQuestions } from './answer-questions.ts';
import { readPlan } from './plan.ts';
import { Sender, socketIn } from './sender.ts';

/**
 * hamn-sync [--leave] PLAN: the sender of one resource of kind sync. hamnd starts it on the primary, in a unit of its own, and ends it with the term.
 * With --leave it leaves itself behind in the unit, so that the start has an end.
 */

const [, script = '', ...words] = process.argv;
const planFile = words.at(-1);

const fail = (message: string): never => {
  console.error(message);
  process.exit(2);
};

if (planFile === undefined) fail('hamn-sync is started by hamnd, with the file of its plan.');
else if (words[0] === '--leave') leave(planFile);
else await send(planFile);

function leave(file: string): void {
  spawn(process.execPath, [...process.execArgv, script, file], { detached: true, stdio: 'inherit' }).unref();
}

async function send(file: string): Promise<void> {
  const plan = readPlan(file);
  if (!plan.ok) return fail(plan.error.message);
  const endMs = 3000;
  const end = (): void => {
    setTimeout(() => process.exit(1), endMs).unref();
    sender.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  const sender = new Sender(plan.value, file, end);
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  await answerQuestions(sender, socketIn(dirname(file)));
}
