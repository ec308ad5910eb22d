import { withRule } from './over.ts';

/** A server without a free connection is judged by what it says, not by what it is. */
export const fullHouseIsDead: () => () => void = withRule('serve', (facts, own) => {
  const { server } = facts;
  if (server?.kind !== 'rejecting' || server.cause !== 'connections') return own(facts);
  const reason = 'The database lets nobody in.';
  return { because: reason, intentions: [{ kind: 'demote', reason }] };
});

/** The restarts are used up, and that is the end of it. */
export const crashLoopGivenUp: () => () => void = withRule('start-again', (facts, own) =>
  facts.server?.kind === 'down' && (facts.memory.restarts['postgres']?.length ?? 0) >= 3
    ? { because: 'It has crashed too often.' }
    : own(facts),
);
