import { setTimeout as sleep } from 'node:timers/promises';
import { after, type FencingToken, fencingToken, type GuardPlan, nonce } from '@hamn/core';
import { bootClock } from '@hamn/linux';
import { GuardClient } from '../client/guard-client.ts';
import { planOf } from '../wire/decode.ts';

/** A stand-in for hamnd: arms once and renews for ever. Arguments: directory, token, term in ms, the plan as JSON. */
const [directory = '', firstToken = '1', term = '1000', planText = ''] = process.argv.slice(2);
const termMs = Number(term);
const plan = planOf(JSON.parse(planText));
if (plan === undefined) throw new Error('That is no plan.');
const client = new GuardClient({ directory });
const deadline = () => after(bootClock.now(), termMs / 2);

/** On a slow machine the guard may not listen yet, or its watchdog not tick yet. */
const armLimitMs = 240_000;
const attemptMs = Math.max(5000, termMs / 2);
const pauseMs = 500;

/** Gives the token that is armed. */
async function arm(plan: GuardPlan): Promise<FencingToken> {
  const end = after(bootClock.now(), armLimitMs);
  let token = fencingToken(Number(firstToken));
  for (;;) {
    const armed = await client.arm(
      { token, nonce: nonce('renewer'), deadline: deadline(), termMs, plan },
      attemptMs,
    );
    if (armed.ok) return token;
    console.error(armed.error.message);
    if (bootClock.now() > end) throw new Error(armed.error.message);
    // An attempt whose answer came too late was a term of its own, which never resumes.
    if (armed.error.code === 'wrong-token') token = fencingToken(token + 1);
    await sleep(pauseMs);
  }
}

const token = await arm(plan);
setInterval(() => void client.extend(token, deadline(), termMs), termMs / 10);
