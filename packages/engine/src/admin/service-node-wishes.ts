import {
  againstFailback,
  againstMove,
  fail,
  instant,
  type Judgements,
  modOf,
  ok,
  presentValue,
  type RawGroup,
  type Result,
  readEntry,
  readGroup,
  readServiceNodes,
  type ServiceNodesSettings,
  type ServiceNodesView,
  type ServiceNodeWish,
  serviceNodeId,
  serviceNodeWishSchema,
  wishKey,
} from '@hamn/core';
import type { StorePort } from '../ports/store.ts';
import { removeKey, type WriteFailure, writeKey } from './write-key.ts';

/** A primary looks every few seconds, and writes at least once a minute. */
const freshMs = 180_000;

/**
 * Writes a wish about a service node, which the primary carries out. `raw` is a fresh linearizable read. Refused where the primary would refuse
 * it at once by what it last said; the primary judges again, at each batch.
 */
export async function placeServiceNodeWish(
  store: StorePort,
  settings: ServiceNodesSettings,
  raw: RawGroup,
  wish: ServiceNodeWish,
): Promise<Result<string, WriteFailure>> {
  const { leader } = readGroup(raw);
  const term = presentValue(leader);
  if (leader.kind !== 'present' || term?.kind !== 'held')
    return fail('refused', 'Nobody holds the term now, so nobody moves nodes. `hamnctl status` says more.');
  const against = againstWish(settings, raw, Number(leader.mod), wish);
  if (against !== undefined) return fail('refused', against);
  const key = wishKey(wish.serviceNode);
  const standing = readEntry(raw.entries.get(key), serviceNodeWishSchema, key);
  if (standing.kind === 'present')
    return fail(
      'refused',
      `A ${standing.value.kind} of ${wish.serviceNode} that ${standing.value.by} asked for is under way. \`hamnctl sn status\` shows it, \`hamnctl sn cancel ${wish.serviceNode}\` ends it after the batch that runs.`,
    );
  const written = await writeKey(store, key, wish, [
    { key, mod: modOf(standing) },
    { key: 'leader', mod: leader.mod },
  ]);
  if (!written.ok) return written;
  const what = wish.kind === 'failback' ? `go back to ${wish.serviceNode}` : `move off ${wish.serviceNode}`;
  return ok(
    `Its nodes ${what} in batches of ${settings.moves.batch}; \`hamnctl sn status\` shows how far it is.`,
  );
}

/** What was asked for and is not done yet is dropped; a batch that runs comes to its end. */
export async function dropServiceNodeWish(
  store: StorePort,
  raw: RawGroup,
  serviceNode: string,
): Promise<Result<string, WriteFailure>> {
  const key = wishKey(serviceNodeId(serviceNode));
  const entry = raw.entries.get(key);
  if (entry === undefined) return fail('refused', `Nothing that was asked for ${serviceNode} is under way.`);
  const removed = await removeKey(store, key, entry.mod);
  return removed.ok
    ? ok(`No further batch begins for ${serviceNode}; one that runs comes to its end.`)
    : removed;
}

function againstWish(
  settings: ServiceNodesSettings,
  raw: RawGroup,
  token: number,
  wish: ServiceNodeWish,
): string | undefined {
  const keys = readServiceNodes(raw);
  if (!keys.records.ok) return keys.records.error.message;
  const view = presentValue(keys.view);
  if (view === undefined || view.token !== token || wish.madeWallMs - view.atWallMs > freshMs)
    return 'The primary has not said anything of the service nodes yet; try again in a minute. `hamnctl sn status` says more.';
  const situation = {
    settings,
    judgements: judgementsOf(view),
    placement: new Map(),
    records: keys.records.value,
    wallMs: wish.madeWallMs,
  };
  // Times of the same wall clock on both sides: only their difference counts.
  const against =
    wish.kind === 'failback'
      ? againstFailback(situation, wish, instant(wish.madeWallMs))
      : againstMove(situation, wish);
  return against?.why;
}

const judgementsOf = (view: ServiceNodesView): Judgements => ({
  at: instant(view.atWallMs),
  us: view.us,
  of: new Map(
    view.members.map(({ name, verdict, sinceWallMs, because, isFlapping }) => [
      name,
      {
        name,
        verdict,
        since: instant(sinceWallMs),
        because: because ?? '',
        downs: [],
        isFlapping: isFlapping === true,
      },
    ]),
  ),
});
