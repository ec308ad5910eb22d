import { between, type Instant } from '../brands.ts';
import { batches, type Wanted } from './batches.ts';
import { awayNodes } from './keep-records.ts';
import { serverOf, stayText } from './placement.ts';
import type { Plan } from './plan.ts';
import type { ClientNodeId, ServiceNodeId } from './settings.ts';
import { againstMoves, awayFrom, notToTouch, type Situation } from './situation.ts';
import { againstTarget, hasRoom, loads } from './targets.ts';

export const onlyLooks = 'serviceNodes.mode is observe: hamn only looks. Set it to propose or act.';

/** Why nothing goes back to a service node now, with the remedy; undefined when it may. */
export function againstFailback(situation: Situation, home: ServiceNodeId, now: Instant): string | undefined {
  const { settings, judgements, records } = situation;
  const member = settings.members.find(({ name }) => name === home);
  if (member === undefined)
    return `The settings have no service node '${home}'. They have ${settings.members.map(({ name }) => name).join(', ')}.`;
  if (settings.mode === 'observe') return onlyLooks;
  const judgement = judgements.of.get(home);
  const against = againstTarget(member, judgement);
  if (against !== undefined)
    return `Nothing goes back to ${home}: ${against}. ${judgement?.because ?? ''}`.trim();
  const upMs = judgement === undefined ? 0 : between(judgement.since, now);
  if (upMs < settings.moves.failbackSoakMs)
    return `${home} is up for ${Math.floor(upMs / 1000)} s; nodes go back after ${settings.moves.failbackSoakMs / 1000} s (moves.failbackSoak).`;
  if (awayFrom(records, home).length === 0) return `No node is recorded as moved away from ${home}.`;
  return againstMoves(situation);
}

/** The next batches on the way back, by an admin's word. Nodes that somebody moved elsewhere by hand stay there. */
export function planFailback(situation: Situation, home: ServiceNodeId, now: Instant): Plan {
  const against = againstFailback(situation, home, now);
  const member = situation.settings.members.find(({ name }) => name === home);
  if (against !== undefined || member === undefined) return { batches: [], because: [against ?? ''] };
  const because: string[] = [];
  const keep = notToTouch(situation, true);
  const load = loads(situation.placement, situation.records);
  const away = awayNodes(situation.records);
  const wanted: Wanted[] = [];
  const kept = new Map<string, ClientNodeId[]>();
  for (const { node, at } of awayFrom(situation.records, home)) {
    const is = serverOf(situation.placement.get(node));
    const why =
      keep.get(node) ??
      (is === at
        ? undefined
        : `the tables show them at ${is ?? 'no service node'}, not where hamn brought them`) ??
      (hasRoom(member, load) ? undefined : `${home} has no more room`);
    if (why !== undefined) {
      kept.set(why, [...(kept.get(why) ?? []), node]);
      continue;
    }
    load.set(home, (load.get(home) ?? 0) + 1);
    const was = away.get(node)?.was.xcatmaster ?? '';
    wanted.push({ node, from: at, to: member, ...(was === '' ? {} : { xcatmaster: was }) });
  }
  for (const [reason, names] of kept) because.push(`${stayText(names)}: ${reason}.`);
  return { batches: batches(wanted, 'failback', situation, because), because };
}
