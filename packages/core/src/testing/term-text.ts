import type { Instant } from '../brands.ts';
import type { Compare, StoreOp, StoreTxn } from '../group/store.ts';
import type { TermEffect } from '../term/events.ts';
import type { Term, TermView } from '../term/term.ts';

/** Effects and views as a reader wants them: short, in the protocol's own words. */

export function effectText(effect: TermEffect): string {
  switch (effect.kind) {
    case 'read':
      return 'read the group';
    case 'transact':
      return `#${effect.id} ${effect.purpose}: ${txnText(effect.txn)}`;
    case 'ask': {
      const kind = effect.invitation ? 'invite' : 'ask';
      return `${kind} ${effect.to} to promise token ${effect.token} for ${effect.termMs} ms (round ${effect.round})`;
    }
    case 'arm':
      return `arm the guard: token ${effect.token}, nonce ${effect.nonce}, deadline ${effect.deadline}`;
    case 'extend':
      return `extend the guard to ${effect.deadline}, by ${effect.by}`;
    case 'renew-vips':
      return 'renew the VIPs';
    case 'demote':
      return `DEMOTE: ${effect.reason}`;
    case 'note':
      return `${effect.level} ${effect.event}: ${effect.message}`;
  }
}

/** A holder's two compares of `leader` are written as the protocol does: HOLD(token nonce). */
function txnText(txn: StoreTxn): string {
  const ops = txn.ops.map(opText).join(', ');
  const compares = txn.compares.map(compareText).join(', ');
  if (compares === '') return ops;
  const held = /^leader@(\d+), leader is \{kind=held .*?nonce=(\S+)/.exec(compares);
  return isTake(txn) || held === null
    ? `if ${compares} then ${ops}`
    : `HOLD(${[`${held[1]} ${held[2]}`, ...txn.compares.slice(2).map(compareText)].join(', ')}) ${ops}`;
}

const isTake = (txn: StoreTxn): boolean => txn.compares.some((compare) => compare.key.startsWith('claim/'));

const compareText = (compare: Compare): string =>
  'value' in compare ? `${compare.key} is ${shortValue(compare.value)}` : `${compare.key}@${compare.mod}`;

function opText(op: StoreOp): string {
  if ('put' in op) return `put ${op.put} ${shortValue(op.value)}`;
  return 'delete' in op ? `delete ${op.delete}` : `get ${op.get}`;
}

/** JSON without what a reader skips. */
const shortValue = (text: string): string => text.replace(/"/g, '').replace(/,/g, ' ').replace(/:/g, '=');

const time = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return 'for ever';
  return value === Number.NEGATIVE_INFINITY ? 'never' : String(value);
};

/** What of a view is worth a line when it changes. */
export function viewFacts(term: Term, now: Instant): ReadonlyMap<string, string> {
  const view = term.view(now);
  const facts = new Map<string, string>([['phase', view.phase]]);
  if (view.phase === 'candidate') facts.set('waits until', time(view.waitUntil));
  if (view.promisedUntil > now) facts.set('promised until', time(view.promisedUntil));
  if (view.alarm !== undefined) facts.set('alarm', view.alarm);
  if (view.hold !== undefined) {
    facts.set('token', String(view.hold.token));
    facts.set('deadline', time(view.hold.deadline));
    facts.set('state', stateText(view));
  }
  return facts;
}

const stateText = (view: TermView): string => {
  const state = view.hold?.state;
  return state === undefined
    ? 'not definite'
    : `electorate ${state.electorate.join(',')}; synchronous ${state.synchronous.join(',') || '-'}`;
};

export function changedFacts(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly string[] {
  const changed = [...now].filter(([name, value]) => before.get(name) !== value);
  return changed.length === 0 ? [] : [`= ${changed.map(([name, value]) => `${name} ${value}`).join(', ')}`];
}
