import { type Detached, type Facts, type MemberValue, type NodeId, ok, type Reading } from '@hamn/core';
import type { PeerHandlers, Ports } from '@hamn/engine';
import type { Machine } from '../machine/machine.ts';
import { toLsn } from '../postgres/view.ts';
import { over, type Wrap, withRule } from './over.ts';

/** Bugs of mode quorum: in what a standby says of itself, and in what a candidate makes of it. */

const withCount = (facts: Facts, more: number): Facts =>
  facts.state?.quorum === undefined
    ? facts
    : { ...facts, state: { ...facts.state, quorum: facts.state.quorum + more } };

/** One statement fewer than needed is enough. */
export const oneTooFew: () => () => void = withRule('take', (facts, own) => own(withCount(facts, 1)));

const withHeard = (facts: Facts, change: (said: Detached) => Detached): Facts => {
  const heard = new Map<NodeId, Reading<MemberValue>>();
  for (const [node, reading] of facts.seen.heard) {
    const said = reading.known ? reading.value.detached : undefined;
    const changed = reading.known && said !== undefined;
    heard.set(node, changed ? { ...reading, value: { ...reading.value, detached: change(said) } } : reading);
  }
  return { ...facts, seen: { ...facts.seen, heard } };
};

const withoutMembers = (facts: Facts): Facts =>
  facts.group === undefined ? facts : { ...facts, group: { ...facts.group, members: new Map() } };

/**
 * Only n2 takes from a dead primary, as if the others were set never to lead: the one that is cut off last has the newest writes, and would take in the tick
 * in which it has said so. And n2 gives way to nobody that has more by its member key.
 */
export const firstCutOffTakes: () => () => void = withRule('take', (facts, own) =>
  facts.seen.me === firstCutOff || !facts.seen.verdict.may || facts.seen.verdict.why !== 'timed'
    ? own(withoutMembers(facts))
    : undefined,
);

/** Whoever has heard enough others takes, however far they are; nor does it give way to one that has more by its member key. */
export const highestIgnored: () => () => void = withRule('take', (facts, own) => {
  return own(withoutMembers(withHeard(facts, (said) => ({ ...said, lsn: '0/0' }))));
});

/** A statement about an earlier sign, of this term or of another one, counts as one about the present one. */
export const anySign: () => () => void = withRule('take', (facts, own) => {
  const { server } = facts;
  const sign = facts.seen.term.seen;
  if (sign === undefined || server?.kind !== 'up') return own(facts);
  const { leader, heartbeat } = sign;
  return own(withHeard(facts, (said) => ({ ...said, leader, heartbeat, timeline: server.timeline })));
});

/** And who made it says it for ever. */
export const saidForEver = (ports: Ports): Ports => {
  let last: Detached | undefined;
  const serve = (handlers: PeerHandlers): void =>
    ports.peers.serve({
      ...handlers,
      member: (...args) => {
        const member = handlers.member(...args);
        last = member?.detached ?? last;
        return member === undefined || last === undefined ? member : { ...member, detached: last };
      },
    });
  return { ...ports, peers: over(ports.peers, { serve }) };
};

/** A standby says how far it is and goes on receiving. */
export const staysAttached: Wrap = (ports: Ports, machine: Machine) => {
  const { postgres } = ports;
  if (postgres === undefined) return ports;
  let pretends = false;
  return {
    ...ports,
    postgres: over(postgres, {
      detach: async () => {
        pretends = true;
        return ok(toLsn(machine.server.parts.disk.position.lsn));
      },
      follow: (upstream, timeoutMs) => {
        pretends = false;
        return postgres.follow(upstream, timeoutMs);
      },
      startStandby: (upstream, timeoutMs) => {
        pretends = false;
        return postgres.startStandby(upstream, timeoutMs);
      },
      observe: async (timeoutMs) => {
        const seen = await postgres.observe(timeoutMs);
        if (!seen.ok || !pretends) return seen;
        return ok({ ...seen.value, configured: { ...seen.value.configured, upstream: undefined } });
      },
    }),
  };
};

/** A hamnd that begins anew follows the primary at once, whatever was said of this standby before. */
export const forgetsItsWord: () => () => void = withRule('follow', (facts, own) =>
  own({ ...facts, memory: { ...facts.memory, signsMoved: true } }),
);

/** Who is given the role takes it without hearing anybody, though it has not confirmed that it has everything. */
export const releaseSuffices: () => () => void = withRule('take', (facts, own) =>
  own(facts.seen.verdict.may && facts.seen.verdict.why === 'released' ? withCount(facts, 100) : facts),
);

const firstCutOff = 'n2';

/** What a statement says of the position is a look from before the standby was cut off, which takes a while. */
export const positionFirst: Wrap = (ports: Ports, machine: Machine) => {
  const { postgres, clock } = ports;
  if (postgres === undefined) return ports;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  return {
    ...ports,
    postgres: over(postgres, {
      detach: async (timeoutMs) => {
        const { lsn } = machine.server.parts.disk.position;
        await wait(machine.name === firstCutOff ? 100 : 900);
        const ended = await postgres.detach(timeoutMs);
        return ended.ok ? ok(toLsn(lsn)) : ended;
      },
    }),
  };
};
