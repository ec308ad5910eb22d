import { type LeaderValue, leaderSchema, type StateValue, stateSchema } from '@hamn/core';
import type { Writers } from '../client/writers.ts';
import type { Machine } from '../machine/machine.ts';
import { nameHere, roleResourcesOf } from '../run/resources.ts';
import { simVip } from '../run/settings.ts';
import type { World } from '../run/world.ts';

/** What is still missing to the state in which a healthy cluster rests; undefined when nothing is. */
export function notAtRest(world: World, writers: Writers): string | undefined {
  const leader = read<LeaderValue>(world, 'leader', (value) => leaderSchema.parse(value));
  if (leader?.kind !== 'held') return 'nobody holds the term';
  const primary = world.machine(leader.holder);
  const others = world.dataMachines.filter((machine) => machine !== primary);
  return (
    primaryLacks(world, primary, writers) ??
    others.map((machine) => standbyLacks(world, machine, primary)).find((lack) => lack !== undefined) ??
    stateLacks(world, primary) ??
    (world.etcd.group.entries.has('request') ? 'a request is left' : undefined) ??
    problemLeft(world)
  );
}

/** What a person would still be told. */
function problemLeft(world: World): string | undefined {
  for (const name of world.machines.keys()) {
    const [problem] = world.hamnd(name)?.engine?.snapshot?.member.problems ?? [`hamnd has no word`];
    if (problem !== undefined) return `${name} reports: ${problem}`;
  }
  return undefined;
}

function primaryLacks(world: World, primary: Machine, writers: Writers): string | undefined {
  const { name } = primary;
  if (!primary.server.isWritable) return `${name} holds the term and is not writable`;
  if (!primary.vips.has(simVip.address)) return `${name} does not have the VIP`;
  if (primary.vips.announcedAt(simVip.address) === undefined) return `${name} has not announced the VIP`;
  for (const resource of roleResourcesOf(world.scenario))
    if (resource.what.kind !== 'job' && primary.units.view(nameHere(resource)).active !== 'active')
      return `${resource.name} is not active on ${name}`;
  const jobs = world.hamnd(name)?.engine?.snapshot?.decision.resources?.standings;
  for (const one of jobs?.values() ?? [])
    if (one.node.traits.once && !one.hasRun) return `${one.name} has not run on ${name}`;
  const last = writers.lastThroughVip;
  if (last === undefined || world.now - last.atMs > 1500 || last.node !== name)
    return 'no write through the VIP was acknowledged lately';
  return undefined;
}

function standbyLacks(world: World, machine: Machine, primary: Machine): string | undefined {
  const { server, name } = machine;
  const { cascade } = world.scenario;
  // All being well, a node that is set to receive from a standby does so.
  const upstream = cascade?.node === name ? cascade.from : primary.name;
  for (const resource of roleResourcesOf(world.scenario)) {
    const { active } = machine.units.view(nameHere(resource));
    if ((active === 'active') !== (resource.runs === 'all'))
      return `${resource.name} is ${active} on ${name}`;
  }
  if (server.phase !== 'up' || !server.inRecovery) return `${name}’s database is ${server.phase}`;
  if (!server.replication.streaming || server.parts.disk.upstream !== upstream)
    return `${name} does not stream from ${upstream}`;
  return undefined;
}

function stateLacks(world: World, primary: Machine): string | undefined {
  const state = read<StateValue>(world, 'state', (value) => stateSchema.parse(value));
  const all = world.dataMachines.map((machine) => machine.name);
  const lacks = (list: readonly string[] | undefined, wanted: readonly string[]): boolean =>
    !wanted.every((name) => list?.includes(name) === true);
  if (lacks(state?.electorate, all)) return `the electorate is ${state?.electorate.join()}`;
  // No commit waits for a node that receives from a standby; as the primary it is in the set like any other.
  const { cascade, mode } = world.scenario;
  const set = all.filter((name) => name === primary.name || name !== cascade?.node);
  if (mode !== 'asynchronous' && (lacks(state?.synchronous, set) || state?.synchronous.length !== set.length))
    return `the synchronous set is ${state?.synchronous.join()}`;
  const names = mode === 'asynchronous' ? 0 : set.length - 1;
  const { members, count } = primary.server.waitsFor;
  const wanted = mode === 'quorum' ? Math.min(world.scenario.quorum, names) : names;
  if (members.length !== names || count !== wanted)
    return `commits wait for ${count} of ${members.join() || 'nobody'}`;
  if ((state?.quorum ?? names) !== wanted)
    return `the record counts ${state?.quorum ?? 'all'} of its members`;
  return undefined;
}

function read<T>(world: World, key: 'leader' | 'state', parse: (value: unknown) => T): T | undefined {
  const text = world.etcd.group.entries.get(key)?.value;
  return text === undefined ? undefined : parse(JSON.parse(text));
}
