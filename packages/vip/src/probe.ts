import { ok, type Result } from '@hamn/core';
import type { ClockPort, VipFailure } from '@hamn/engine';
import type { IpAddress, Link } from '@hamn/linux';
import { vipFailure } from './placement.ts';
import { openVoice, type Voice } from './voice.ts';

const lookEveryMs = 5;
const mostBetweenProbesMs = 250;
const leastProbes = 3;

/**
 * Asks the segment until somebody answers or the budget is used up, at least three times; the answer is the MAC of another host.
 * The frames are RFC 5227's, the timing is not: its waits are for hosts that may take seconds to decide on an address.
 */
export async function probeSegment(
  clock: ClockPort,
  link: Link,
  ip: IpAddress,
  ownMacs: ReadonlySet<string>,
  budgetMs: number,
): Promise<Result<string | undefined, VipFailure>> {
  if (!link.ethernet) return ok(undefined);
  const voice = openVoice(link, ip);
  if (!voice.ok) return voice;
  try {
    return await ask(clock, voice.value, ownMacs, budgetMs);
  } finally {
    voice.value.close();
  }
}

async function ask(
  clock: ClockPort,
  voice: Voice,
  ownMacs: ReadonlySet<string>,
  budgetMs: number,
): Promise<Result<string | undefined, VipFailure>> {
  const start = clock.now();
  // One share of the budget stays for the answer to the last probe.
  const spacingMs = Math.min(budgetMs / (leastProbes + 1), mostBetweenProbesMs);
  let asked = 0;
  for (;;) {
    const passedMs = clock.now() - start;
    if (passedMs >= asked * spacingMs && (asked < leastProbes || passedMs < budgetMs - spacingMs)) {
      const sent = voice.probe();
      if (!sent.ok) return vipFailure(sent.error);
      asked += 1;
    }
    const claimant = voice.claimant(ownMacs);
    if (claimant !== undefined) return ok(claimant);
    if (passedMs >= budgetMs && asked >= leastProbes) return ok(undefined);
    await new Promise<void>((resolve) => clock.after(lookEveryMs, resolve));
  }
}
