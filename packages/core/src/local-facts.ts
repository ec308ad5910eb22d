/** A timeline, told apart from others of its number by the token of the term in which it was made. */
export interface WalLine {
  readonly token: number;
  readonly timeline: number;
}

/** What this node remembers on its own disk. */
export interface LocalFacts {
  /** This node was once part of the initialised group: it cleans up before anything else, even when etcd cannot be read. */
  readonly managed: boolean;
  /** Promotions that this node began, written down before each: token and the timeline that it left. */
  readonly promotions: readonly { readonly token: number; readonly fromTimeline: number }[];
  /** The newest timeline of which this node's data is known to be, and the term that made it. Absent: a version wrote the file that did not look. */
  readonly line?: WalLine | undefined;
  /** The identity of the group that it became part of. */
  readonly identity: string | undefined;
  /** What differs from the machine that the node was set up on, a phrase; undefined on that machine. */
  readonly otherMachine: string | undefined;
  /** False when the address that the settings give this node is not on this machine. */
  readonly addressHere: boolean;
}

type Lines = Pick<LocalFacts, 'promotions' | 'line'>;

/** How many promotions are remembered. */
const keptPromotions = 50;

/** A promotion begins: what was known of the number that it makes was about other data. */
export function withPromotion<T extends Lines>(facts: T, token: number, fromTimeline: number): T {
  const promotions = [
    ...facts.promotions.filter((promotion) => promotion.token !== token),
    { token, fromTimeline },
  ].slice(-keptPromotions);
  return { ...facts, promotions, line: facts.line?.timeline === fromTimeline + 1 ? undefined : facts.line };
}

/** The data is now of this line: an own promotion that made the same number in another term has gone with the data before. */
export const withLine = <T extends Lines>(facts: T, line: WalLine): T => ({
  ...facts,
  line,
  promotions: facts.promotions.filter(
    ({ token, fromTimeline }) => fromTimeline + 1 !== line.timeline || token === line.token,
  ),
});
