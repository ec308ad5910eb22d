import { type Claim, claimOf, type NodeId, nodeId, quorumOf } from '@hamn/core';

/** What synchronous_standby_names says. */
export interface NamesList {
  /** In the order in which they are written. */
  readonly names: readonly NodeId[];
  /** How many of them each commit waits for; absent: all. */
  readonly quorum?: number | undefined;
  /** `FIRST`, after a name that nobody has: every standby's place is one further down, and it is still these that are waited for. */
  readonly placeholder?: boolean | undefined;
}

/** No node can be called so: a node's name has no blank. */
export const placeholderName = 'hamn nobody';

export const claimOfList = ({ names, quorum }: NamesList): Claim => claimOf(names, quorum);

export const listOfClaim = (claim: Claim): NamesList => {
  const quorum = quorumOf(claim);
  return quorum === undefined ? { names: claim.members } : { names: claim.members, quorum };
};

/** `FIRST n` of exactly these n, `ANY k` of them, or empty: the forms in which a change ends. The first k after a placeholder are a step on the way. */
export const isFinal = ({ quorum, placeholder }: NamesList): boolean =>
  quorum === undefined || placeholder !== true;

/** PostgreSQL's text, which `parseSynchronousNames` reads again. */
export function renderNames(list: NamesList): string {
  if (list.names.length === 0) return '';
  const quorum = quorumOf(claimOfList(list));
  const isAny = quorum !== undefined && list.placeholder !== true;
  const names = list.placeholder === true ? [placeholderName, ...list.names] : list.names;
  const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
  return `${isAny ? 'ANY' : 'FIRST'} ${quorum ?? list.names.length} (${quoted})`;
}

/** Undefined for what `renderNames` never writes: `*`, names without quotes, the first of several without a placeholder. */
export function parseSynchronousNames(text: string): NamesList | undefined {
  if (text.trim() === '') return { names: [] };
  const match = /^\s*(FIRST|ANY)\s+(\d+)\s*\(\s*(.*?)\s*\)\s*$/is.exec(text);
  if (match === null) return undefined;
  const [, method = '', number = '', inside = ''] = match;
  const all: string[] = [];
  for (const item of inside.split(',')) {
    const quoted = /^\s*"((?:[^"]|"")+)"\s*$/.exec(item);
    if (quoted === null) return undefined;
    all.push((quoted[1] ?? '').replaceAll('""', '"'));
  }
  const placeholder = all[0] === placeholderName;
  const names = (placeholder ? all.slice(1) : all).map(nodeId);
  const count = Number(number);
  const isAny = method.toUpperCase() === 'ANY';
  if (names.length === 0 || count < 1 || count > names.length || (isAny && placeholder)) return undefined;
  if (count < names.length && !isAny && !placeholder) return undefined;
  return {
    names,
    ...(count < names.length ? { quorum: count } : {}),
    ...(placeholder ? { placeholder } : {}),
  };
}

/**
 * The place that a WAL sender with this list shows for a standby (sync_priority): its own in `FIRST`, 1 for all in `ANY`, 0 for who is not named. Names are compared as
 * PostgreSQL does, without case.
 */
export function placeIn(list: NamesList, name: string): number {
  const index = list.names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  if (index < 0) return 0;
  if (list.placeholder === true) return index + 2;
  return quorumOf(claimOfList(list)) === undefined ? index + 1 : 1;
}

/**
 * The lists by which `before` becomes `wanted`, the last one the wanted one, such that in each step every name's place changes: a changed place proves that a WAL sender
 * has read the new list. In `ANY` all have one place, so that the way from a list in which somebody has it goes over the first of them after a placeholder.
 */
export function waysTo(before: NamesList, wanted: Claim): readonly NamesList[] {
  const list = listOfClaim(wanted);
  if (wanted.count === 0) return [list];
  if (list.quorum === undefined) return [arranged(list, before) ?? list];
  const isMoved = list.names.every((name) => placeIn(before, name) !== 1);
  const between = isMoved ? undefined : withPlaceholder(list, before);
  return between === undefined ? [list] : [between, list];
}

const arranged = (list: NamesList, before: NamesList): NamesList | undefined => {
  const names = order(list.names, (name, index) => placeIn(before, name) !== index + 1);
  return names === undefined ? withPlaceholder(list, before) : { ...list, names };
};

function withPlaceholder(list: NamesList, before: NamesList): NamesList | undefined {
  const names = order(list.names, (name, index) => placeIn(before, name) !== index + 2);
  return names === undefined ? undefined : { ...list, names, placeholder: true };
}

/** The first order, of those sorted by name, in which each may stand where it does. */
function order(
  names: readonly NodeId[],
  fits: (name: NodeId, index: number) => boolean,
  from = 0,
): readonly NodeId[] | undefined {
  if (names.length === 0) return [];
  for (const name of [...names].sort()) {
    if (!fits(name, from)) continue;
    const rest = order(
      names.filter((other) => other !== name),
      fits,
      from + 1,
    );
    if (rest !== undefined) return [name, ...rest];
  }
  return undefined;
}
