import { dirname } from 'node:path';
import { answerQuestions } from './answer-questions.ts';
import { readPlan } from './plan.ts';
import { Sender, socketIn } from './sender.ts';

/** hamn-sync PLAN: the sender of one resource of kind sync. hamnd starts it on the primary, in a unit of its own, and ends it with the term. */

const [, , planFile] = process.argv;
if (planFile === undefined) {
  console.error('hamn-sync is started by hamnd, with the file of its plan.');
  process.exit(2);
}
const plan = readPlan(planFile);
if (!plan.ok) {
  console.error(plan.error.message);
  process.exit(2);
}

const endMs = 3000;
const end = (): void => {
  setTimeout(() => process.exit(1), endMs).unref();
  sender.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
const sender = new Sender(plan.value, planFile, end);
process.once('SIGTERM', end);
process.once('SIGINT', end);
await answerQuestions(sender, socketIn(dirname(planFile)));
