import { between, type Instant } from '../brands.ts';
import { batches, type Wanted } from './batches.ts';
import { awayNodes } from './keep-records.ts';
import { serverOf, stayText } from './placement.ts';
import { noSuch, onlyLooks, type Plan } from './plan.ts';
import type { ClientNodeId } from './settings.ts';
import { againstMoves, awayFrom, notToTouch, type Situation } from './situation.ts';
import { againstTarget, hasRoom, loads } from './targets.ts';
import type { ServiceNodeWish } from './wish.ts';

/** Why nothing goes back to a service node now, with the remedy; undefined when it may. `isOver`: it is no question of time. */
export function againstFailback(
  situation: Situation,
  { serviceNode: home, force }: Pick<ServiceNodeWish, 'serviceNode' | 'force'>,
  now: Instant,
): { readonly why: string; readonly isOver: boolean } | undefined {
  const { settings, judgements, records } = situation;
  const member = settings.members.find(({ name }) => name === home);
  if (member === undefined) return { why: noSuch(settings.members, home), isOver: true };
  if (settings.mode === 'observe') return { why: onlyLooks, isOver: true };
  if (awayFrom(records, home).length === 0)
    return { why: `No node is recorded as moved away from ${home}.`, isOver: true };
  const judgement = judgements.of.get(home);
  const against = againstTarget(member, judgement);
  if (against !== undefined)
    return {
      why: `Nothing goes back to ${home}: ${against}. ${judgement?.because ?? ''}`.trim(),
      // The word was for one that is up: when it is lost again, that needs a new look.
      isOver: judgement?.verdict === 'down' || judgement?.verdict === 'maintenance',
    };
  const upMs = judgement === undefined ? 0 : between(judgement.since, now);
  if (force !== true && upMs < settings.moves.failbackSoakMs)
    return {
      why: `${home} is up for ${Math.floor(upMs / 1000)} s; nodes go back after ${settings.moves.failbackSoakMs / 1000} s (moves.failbackSoak).`,
      isOver: false,
    };
  const held = againstMoves(situation);
  return held === undefined ? undefined : { why: held, isOver: false };
}

/** The next batches on the way back, by an admin's word. Nodes that somebody moved elsewhere by hand stay there. */
export function planFailback(situation: Situation, wish: ServiceNodeWish, now: Instant): Plan {
  const home = wish.serviceNode;
  const against = againstFailback(situation, wish, now);
  const member = situation.settings.members.find(({ name }) => name === home);
  if (against !== undefined || member === undefined)
    return {
      batches: [],
      because: against === undefined ? [] : [against.why],
      waits: against?.isOver === false,
    };
  const because: string[] = [];
  const keep = notToTouch(situation, wish.id);
  const load = loads(situation.placement, situation.records);
  const away = awayNodes(situation.records);
  const wanted: Wanted[] = [];
  const kept = new Map<string, ClientNodeId[]>();
  let waits = false;
  for (const { node, at } of awayFrom(situation.records, home)) {
    const is = serverOf(situation.placement.get(node));
    const why =
      keep.get(node)?.why ??
      (is === at
        ? undefined
        : `the tables show them at ${is ?? 'no service node'}, not where hamn brought them`) ??
      (hasRoom(member, load) ? undefined : `${home} has no more room`);
    if (why !== undefined) {
      waits ||= keep.get(node)?.passes === true;
      kept.set(why, [...(kept.get(why) ?? []), node]);
      continue;
    }
    load.set(home, (load.get(home) ?? 0) + 1);
    const was = away.get(node)?.was.xcatmaster ?? '';
    wanted.push({ node, from: at, to: member, ...(was === '' ? {} : { xcatmaster: was }) });
  }
  for (const [reason, names] of kept) because.push(`${stayText(names)}: ${reason}.`);
  return {
    batches: batches(wanted, 'failback', situation, because),
    because,
    waits: waits || wanted.length > 0,
  };
}
