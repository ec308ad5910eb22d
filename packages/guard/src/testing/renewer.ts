import { after, fencingToken, nonce } from '@hamn/core';
import { bootClock } from '@hamn/linux';
import { GuardClient } from '../client/guard-client.ts';
import { planOf } from '../wire/decode.ts';

/** A stand-in for hamnd: arms once and renews for ever. Arguments: directory, token, term in ms, the plan as JSON. */
const [directory = '', token = '1', term = '1000', planText = ''] = process.argv.slice(2);
const termMs = Number(term);
const plan = planOf(JSON.parse(planText));
if (plan === undefined) throw new Error('That is no plan.');
const client = new GuardClient({ directory });
const deadline = () => after(bootClock.now(), termMs / 2);
const armed = await client.arm(
  { token: fencingToken(Number(token)), nonce: nonce('renewer'), deadline: deadline(), termMs, plan },
  5000,
);
if (!armed.ok) throw new Error(armed.error.message);
setInterval(() => void client.extend(fencingToken(Number(token)), deadline(), termMs), termMs / 10);
