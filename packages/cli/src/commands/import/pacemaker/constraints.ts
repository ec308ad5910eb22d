import { childrenOf, type XmlElement } from '@hamn/xml';
import { idOf, isInfinite, placeOf } from './cib.ts';
import { type Draft, lookAt } from './draft.ts';
import { link } from './order.ts';

type Left = (because: string) => void;

/** Mandatory orders become `after`; colocation holds by itself; the rest is told. */
export function carryConstraint(constraint: XmlElement, draft: Draft): void {
  const { name, attributes } = constraint;
  const left: Left = (because) => draft.notCarried.push({ place: placeOf(constraint), because });
  switch (name) {
    case 'rsc_order':
      return carryOrder(constraint, draft, left);
    case 'rsc_colocation':
      if (isInfinite(attributes['score'])) return;
      return left(
        `A score of ${attributes['score'] ?? 'nothing'} has no meaning here: all resources of a group are on its primary.`,
      );
    case 'rsc_location':
      return left('hamn has no scores of places: `priority` and `nofailover` of a node say who leads.');
    default:
      return left('hamn has no such constraint.');
  }
}

function carryOrder(order: XmlElement, draft: Draft, left: Left): void {
  const { kind = 'Mandatory', score, symmetrical = 'true' } = order.attributes;
  if (kind !== 'Mandatory' || (score !== undefined && !isInfinite(score)))
    return left(`An order that is not mandatory (${score ?? kind}) has no meaning here.`);
  const sets = childrenOf(order, 'resource_set');
  const actions = [order, ...sets].flatMap(({ attributes }) =>
    ['first-action', 'then-action', 'action'].flatMap((name) => attributes[name] ?? []),
  );
  const strange = actions.find((action) => action !== 'start' && action !== 'promote');
  if (strange !== undefined)
    return left(`An order of ${strange} has no meaning here: hamn stops in reverse.`);
  if (symmetrical === 'false') lookAt(draft, order, 'It counts at stops, too: hamn stops in reverse.');
  if (sets.length === 0) {
    const { first = '', then = '' } = order.attributes;
    return follow([first], [then], draft, left);
  }
  let before: readonly string[] = [];
  for (const set of sets) {
    const ids = childrenOf(set, 'resource_ref').map(idOf);
    if (set.attributes['require-all'] === 'false')
      lookAt(draft, order, 'hamn waits for all of a set, not for one of it.');
    const isRow = set.attributes['sequential'] !== 'false';
    if (isRow)
      for (const [index, id] of ids.slice(1).entries()) follow([ids[index] ?? ''], [id], draft, left);
    follow(before, isRow ? ids.slice(0, 1) : ids, draft, left);
    before = isRow ? ids.slice(-1) : ids;
  }
}

/** What stands for these starts after all that stands for those. */
function follow(firsts: readonly string[], thens: readonly string[], draft: Draft, left: Left): void {
  const missing = [...firsts, ...thens].filter((id) => (draft.members.get(id) ?? []).length === 0);
  if (missing.length > 0) {
    if (firsts.length > 0) left(`${missing.join(' and ')} is not among what was carried over.`);
    return;
  }
  for (const before of firsts.flatMap((id) => draft.members.get(id)?.slice(-1) ?? []))
    for (const after of thens.flatMap((id) => draft.members.get(id)?.slice(0, 1) ?? []))
      link(before, after, draft, left);
}
