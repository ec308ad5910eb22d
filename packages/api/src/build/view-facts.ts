import {
  type GroupSettings,
  type GroupView,
  type HeartbeatValue,
  type HistoryValue,
  type LeaderValue,
  type Lsn,
  type MemberValue,
  modOf,
  parseLsn,
  presentValue,
  type StateValue,
} from '@hamn/core';

/** What a status is made from: the group's keys, and what the maker knows besides. */
export interface StatusInput {
  readonly cluster: string;
  readonly group: string;
  /** Of revision 0 where the keys have not been read yet. */
  readonly view: GroupView;
  /** The node that answers. */
  readonly node: string;
  readonly source: 'hamnd' | 'etcd';
  readonly atWallMs: number;
  /** Undefined when the settings cannot be read; say why in `missing`. */
  readonly settings?: GroupSettings | undefined;
  readonly history?: readonly HistoryValue[] | undefined;
  readonly missing?: readonly string[] | undefined;
}

/** What every part of the status looks at. */
export interface ViewFacts extends StatusInput {
  /** The group's keys have not been read: nothing follows from what is not there. */
  readonly unread: boolean;
  readonly leader: LeaderValue | undefined;
  readonly heartbeat: HeartbeatValue | undefined;
  readonly state: StateValue | undefined;
  /** The mod-revision of `leader`; 0 where there is none. */
  readonly token: number;
  /** Every node that the settings, the electorate or a member key names, in that order. */
  readonly names: readonly string[];
  /** The node that holds the term. */
  readonly holder: string | undefined;
  /** Its lease or its member key is there. */
  readonly holderHeardOf: boolean;
  /** The furthest WAL position of the holder that anybody knows of. */
  readonly headLsn: Lsn | undefined;
  member(name: string): MemberValue | undefined;
}

export function viewFacts(input: StatusInput): ViewFacts {
  const { view, settings } = input;
  const members = new Map<string, MemberValue>();
  for (const [name, entry] of view.members) {
    const value = presentValue(entry);
    if (value !== undefined)
      members.set(name, isOfEarlierTerm(view, name, modOf(entry)) ? withoutRole(value) : value);
  }
  const leader = presentValue(view.leader);
  const state = presentValue(view.state);
  const heartbeat = presentValue(view.heartbeat);
  const holder = leader?.kind === 'held' ? leader.holder : undefined;
  const names = new Set<string>([
    ...(settings?.nodes.map((node) => node.name) ?? []),
    ...(state?.electorate ?? []),
    ...view.members.keys(),
  ]);
  return {
    ...input,
    unread: view.revision === 0,
    leader,
    heartbeat,
    state,
    token: modOf(view.leader),
    names: [...names],
    holder,
    holderHeardOf:
      holder !== undefined && (members.has(holder) || presentValue(view.lease)?.holder === holder),
    headLsn: furthest([
      heartbeat?.lsn,
      holder === undefined ? undefined : members.get(holder)?.postgres?.lsn,
    ]),
    member: (name) => members.get(name),
  };
}

/** A dead primary's last word stays until its member lease ends; it is older than the leader key of the next one. */
function isOfEarlierTerm(view: GroupView, name: string, mod: number): boolean {
  const leader = presentValue(view.leader);
  // This node's own entry is its newest tick, not a key: it has no revision.
  return leader?.kind === 'held' && leader.holder !== name && mod > 0 && mod < modOf(view.leader);
}

const withoutRole = (member: MemberValue): MemberValue =>
  member.role !== 'primary'
    ? member
    : {
        ...member,
        role: 'starting',
        doing: 'Its last word is from before the present term.',
        vips: [],
        services: [],
        problems: [],
        postgres: undefined,
        candidacy: { eligible: false, reasons: ['It has not reported since the present term began.'] },
      };

export function readLsn(text: string | undefined): Lsn | undefined {
  const read = text === undefined ? undefined : parseLsn(text);
  return read?.ok === true ? read.value : undefined;
}

function furthest(texts: readonly (string | undefined)[]): Lsn | undefined {
  return texts
    .map(readLsn)
    .reduce((far, next) => (next !== undefined && (far === undefined || next > far) ? next : far), undefined);
}

/** Nodes that may lead by the settings; by the electorate where the settings are unknown. */
export function dataNodes(facts: ViewFacts): readonly string[] {
  const { settings, state } = facts;
  if (settings === undefined) return state?.electorate ?? [];
  return settings.nodes.filter((node) => node.role === 'data').map((node) => node.name);
}

/** Nodes that say that they hold an address, the term's holder first. */
export function holdersOf(facts: ViewFacts, address: string): readonly string[] {
  const says = (name: string): boolean =>
    facts.member(name)?.vips?.some((vip) => vip.split('/')[0] === address) === true;
  return facts.names.filter(says).sort((a, b) => Number(b === facts.holder) - Number(a === facts.holder));
}
