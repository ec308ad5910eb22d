import { isServing, jobHasRun, type MemberService } from '@hamn/core';
import type { NodeStatus } from './node-status.ts';
import type { NodeResources, ResourcesDocument } from './resources.ts';
import type { StatusDocument } from './status.ts';
import { planFailover, planSwitchover, type RoleCheck, type RolePlan } from './switchover-checks.ts';

/** What `hamnctl makemn` would do on this node. */
export interface MakemnPlan {
  readonly node: string;
  readonly from: string | undefined;
  /** `none`: this node is the primary already. */
  readonly way: 'none' | 'switchover' | 'failover';
  readonly checks: readonly RoleCheck[];
  readonly possible: boolean;
  /** Full sentences, in order. */
  readonly steps: readonly string[];
}

/** How one thing that belongs to the management node is. */
export interface MakemnCheck {
  readonly state: 'ok' | 'wrong' | 'pending';
  /** A full sentence. */
  readonly text: string;
  readonly remedy?: string | undefined;
}

export interface MakemnView {
  readonly status: StatusDocument;
  readonly resources: ResourcesDocument;
  /** The node that is to be, or is, the management node: the one on which it is asked for. */
  readonly node: string;
}

const ok = (text: string): MakemnCheck => ({ state: 'ok', text });
const pending = (text: string): MakemnCheck => ({ state: 'pending', text });
const wrong = (text: string, remedy: string): MakemnCheck => ({ state: 'wrong', text, remedy });

/** The verb and its checks: a switchover where the old one is alive, else a failover by the same rules as `hamnctl failover`. */
export function planMakemn(view: MakemnView, allowDataLoss: boolean): MakemnPlan {
  const { status, node } = view;
  const { primary } = status;
  const from = primary?.node;
  if (primary?.node === node && primary.heardOf)
    return { node, from, way: 'none', checks: [], possible: true, steps: [] };
  const way = primary?.heardOf === true ? 'switchover' : 'failover';
  const plan = ownPlan(view, way, allowDataLoss);
  return { node, from, way, checks: plan.checks, possible: plan.possible, steps: stepsOf(view, way) };
}

function ownPlan({ status, node }: MakemnView, way: 'switchover' | 'failover', allowLoss: boolean): RolePlan {
  const own = status.nodes.find(({ name }) => name === node);
  if (own?.role === 'witness') {
    const text = `${node} is a witness: it has no data and never becomes the management node.`;
    return { from: status.primary?.node, to: node, checks: [{ passed: false, text }], possible: false };
  }
  return way === 'switchover' ? planSwitchover(status, node) : planFailover(status, node, allowLoss);
}

function stepsOf({ status, resources, node }: MakemnView, way: 'switchover' | 'failover'): readonly string[] {
  const ofKind = (...kinds: readonly string[]): readonly string[] =>
    resources.resources.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  const serving = resources.resources
    .filter(({ kind, runs }) => runs === 'primary' && !['vip', 'postgres', 'job'].includes(kind))
    .map(({ name }) => name);
  const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
  const old = status.primary?.node ?? 'The old one';
  const vips = status.vips.map(({ address }) => address);
  const markers = ofKind('marker');
  const jobs = ofKind('job');
  return [
    way === 'switchover'
      ? `${old} stops ${list([...serving].reverse())}, its database and its VIPs, and gives the term to ${node}.`
      : `${node} takes the term over when the rules of \`hamnctl failover\` allow it; ${old} gets no write acknowledged any more.`,
    `${node} claims ${list(vips)}${ofKind('postgres').length === 0 ? '' : ' and makes its database writable'}.`,
    ...(markers.length === 0
      ? []
      : [
          `${list(markers)}: ${node} gets the primary's file; ${way === 'switchover' ? `${old} the other one` : `${old} the other one when it comes back, before anything else`}.`,
        ]),
    `${node} starts ${list(serving)}.`,
    ...(jobs.length === 0 ? [] : [`${node} runs ${list(jobs)}.`]),
    'site.master is looked at: it must be one of the VIPs.',
  ];
}

/** What is so of all that belongs to the management node. site.master only xCAT itself can tell. */
export function judgeMakemn(view: MakemnView): readonly MakemnCheck[] {
  const { status, resources, node } = view;
  const own = status.nodes.find(({ name }) => name === node);
  const here = resources.nodes.find(({ name }) => name === node);
  return [
    roleCheck(status, own, node),
    ...(own?.postgres === undefined ? [] : [databaseCheck(own)]),
    ...status.vips.map(({ address, holder }) =>
      holder === node ? ok(`The VIP ${address} is here.`) : pending(`The VIP ${address} is not here yet.`),
    ),
    ...(here === undefined ? [] : here.states.flatMap((state) => ownCheck(state, resources))),
    ...resources.nodes.filter(({ name }) => name !== node).flatMap((other) => otherCheck(status, other)),
  ];
}

function roleCheck({ primary }: StatusDocument, own: NodeStatus | undefined, node: string): MakemnCheck {
  if (primary?.node !== node)
    return wrong(
      `${primary?.node ?? 'Nobody'} is primary, not ${node}.`,
      '`hamnctl explain` says why, `hamnctl history` what happened.',
    );
  return own?.role === 'primary' ? ok(`${node} is primary.`) : pending(`${node} is becoming primary.`);
}

const databaseCheck = ({ postgres }: NodeStatus): MakemnCheck =>
  postgres?.state === 'primary'
    ? ok('Its database is writable.')
    : pending('Its database is not writable yet.');

const notResources = ['vip', 'postgres'];

function ownCheck(state: MemberService, { resources }: ResourcesDocument): readonly MakemnCheck[] {
  const { name, kind = 'unit', want, reason = '' } = state;
  if (notResources.includes(kind) || want === 'stopped') return [];
  const remedy = `\`hamnctl resources\` shows it; \`hamnctl cleanup ${name}\` tries again at once.`;
  if (kind === 'job') {
    if (reason === jobHasRun) return [ok(`The job ${name} has run.`)];
    if (state.state !== 'failed')
      return [pending(`The job ${name} has not run to its end yet. ${reason}`.trim())];
    return [
      wrong(
        `The job ${name} has failed. ${reason}`,
        `\`hamnctl jobs output ${name}\` shows what it wrote, \`hamnctl jobs run ${name}\` runs it once more.`,
      ),
    ];
  }
  if (state.state === 'failed' || state.state === 'degraded')
    return [
      wrong(`${name} ${state.state === 'failed' ? 'has failed' : 'is degraded'}. ${reason}`.trim(), remedy),
    ];
  if (state.state === 'absent') {
    const isNeeded = resources.some((line) => line.name === name && line.onFailure === 'failover');
    if (!isNeeded)
      return [ok(`${name} is not installed here: nothing is started, and nothing waits for it.`)];
    return [wrong(`${name} is absent. ${reason}`.trim(), 'Install it on this node.')];
  }
  if (state.state === 'unmanaged')
    return [
      wrong(
        `${name} is in an admin’s hands. ${reason}`,
        `\`hamnctl resources manage ${name}\` gives it back.`,
      ),
    ];
  // Older versions do not tell what is wanted.
  const isWell = want === undefined ? isServing(state.state) : state.state === want;
  return [isWell ? ok(`${name} is ${state.state}.`) : pending(`${name} is ${state.state}. ${reason}`.trim())];
}

/** Elsewhere only what says that that node is the primary counts. */
function otherCheck(status: StatusDocument, { name, states }: NodeResources): readonly MakemnCheck[] {
  const markers = states.filter(({ kind }) => kind === 'marker');
  const isHeardOf = status.nodes.find((node) => node.name === name)?.reachable === true;
  if (!isHeardOf)
    return [ok(`${name} is not heard of: it becomes a standby when it comes back, before anything else.`)];
  return markers.map(({ name: marker, state, reason = '' }) => {
    if (state === 'running')
      return ok(`${marker} on ${name}: it has the file of a node that is not the primary.`);
    if (state === 'failed')
      return wrong(
        `${marker} on ${name} has failed. ${reason}`.trim(),
        `Correct the files on ${name}; \`hamnctl cleanup ${marker}\` tries again at once.`,
      );
    return pending(`${marker} on ${name} is ${state}. ${reason}`.trim());
  });
}
