import { after, type Instant, type NodeId } from '../brands.ts';
import { type GroupView, modOf, presentValue } from '../group/view.ts';
import type { LocalFacts } from '../local-facts.ts';
import type { Observation } from '../observation.ts';
import type { Memory } from './memory.ts';

/** After the last sign of another machine with this node's name, in T. */
const twinForgottenTerms = 10;

export interface Self {
  readonly me: NodeId;
  readonly local: LocalFacts;
  readonly group: GroupView | undefined;
  readonly twin: Memory['twin'];
  readonly termMs: number;
  readonly now: Instant;
}

/**
 * Why this machine must not act as the node that its files name: it promises nothing, takes nothing, and its database stays down. A promise binds a
 * name; two machines with one name would be bound by the word of only one of them. Undefined when it is who it says.
 */
export function whyNotItself({ twin, termMs, now, ...self }: Self): string | undefined {
  const impostor = whyImpostor(self);
  if (impostor !== undefined) return impostor;
  if (twin !== undefined && now < after(twin.at, twinForgottenTerms * termMs))
    return `Another machine (boot ${twin.bootId}) runs as ${self.me} at the same time. Stop hamnd on the wrong one and give it a name of its own.`;
  return undefined;
}

/** What this machine sees by itself: it is not the one that the name belongs to. */
function whyImpostor({ me, local, group }: Pick<Self, 'me' | 'local' | 'group'>): string | undefined {
  const identity = group === undefined ? undefined : presentValue(group.identity)?.id;
  if (local.identity !== undefined && identity !== undefined && local.identity !== identity)
    return `etcd holds another group under the same name: its identity is ${identity}, this node belongs to ${local.identity}. Correct etcd.endpoints in hamn.yaml; if the node is really to move, empty its state directory first.`;
  if (local.otherMachine !== undefined)
    return `This is not the machine that ${me} was set up on (${local.otherMachine}): a cloned or moved disk. If the earlier machine is off for good, run \`hamnctl accept-machine\` here; if this is a clone, give it a name of its own.`;
  if (!local.addressHere)
    return `The settings’ address of ${me} is not on this machine. Is it another node that was given ${me}’s files? Correct node in hamn.yaml, or bring the address up.`;
  return undefined;
}

/** A machine that knows itself to be the wrong one keeps silent while another speaks under the name: that one would take it for a twin, and stop, too. */
export function leavesNameToAnother({ me, local, bootId, term: { group } }: Observation): boolean {
  const entry = group?.members.get(me);
  const speaker = entry === undefined ? undefined : presentValue(entry)?.bootId;
  return speaker !== undefined && speaker !== bootId && whyImpostor({ me, local, group }) !== undefined;
}

/**
 * This node's member key says which boot wrote it. Once etcd has shown this boot's own, another boot's comes from another machine that runs
 * under the same name; both see it.
 */
export function lookForTwin(seen: Observation, memory: Memory): Partial<Memory> {
  const entry = seen.term.group?.members.get(seen.me);
  const member = entry === undefined ? undefined : presentValue(entry);
  if (entry === undefined || member?.bootId === undefined) return {};
  if (member.bootId === seen.bootId) return memory.hasSeenItself ? {} : { hasSeenItself: true };
  const mod = modOf(entry);
  if (!memory.hasSeenItself || memory.twin?.mod === mod) return {};
  return { twin: { bootId: member.bootId, mod, at: seen.now } };
}
