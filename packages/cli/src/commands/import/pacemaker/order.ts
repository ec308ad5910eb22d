import type { Draft, DraftResource } from './draft.ts';

/** `then` starts after `first`, where hamn's own order does not say so already. `left` is told why not, a sentence. */
export function link(first: string, then: string, draft: Draft, left: (because: string) => void): void {
  const before = draft.resources.get(first);
  const after = draft.resources.get(then);
  if (before === undefined || after === undefined || before === after) return;
  if (isBase(before) && isService(after)) return;
  if (carries(before) && !isEverywhere(before) && isEverywhere(after))
    return left(
      `${then} runs on every node, and ${first} on the primary only, so it cannot wait for it everywhere.`,
    );
  after.after.add(first);
}

/** Addresses and the database are up before what serves on the primary. */
const isBase = ({ kind }: DraftResource): boolean => kind === 'vip' || kind === 'postgres';

const isService = ({ kind, runsOnAll, settings }: DraftResource): boolean =>
  !runsOnAll && (kind === 'unit' || (kind === 'ocf' && settings['carries'] !== true));

const carries = ({ kind, settings }: DraftResource): boolean =>
  kind === 'mount' || settings['carries'] === true;

const isEverywhere = ({ kind, runsOnAll }: DraftResource): boolean => runsOnAll || kind === 'drbd';
