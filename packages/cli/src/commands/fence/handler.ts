import type { DoneAnswer, StatusDocument } from '@hamn/api';
import { didYouMean } from '@hamn/config';
import type { Result } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import type { Source, SourceFailure } from '../../connect/source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';
import { paint } from '../../text/colour.ts';
import { formatDuration } from '../../text/quantities.ts';
import { renderTarget } from './render.ts';

export interface FenceOptions extends GlobalOptions {
  readonly node: string | undefined;
  readonly list: boolean;
  readonly off: boolean;
  readonly reboot: boolean;
  readonly confirmedByHand: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

export function fence(options: FenceOptions, app: App): Promise<ExitCode> {
  const { node, off, reboot, confirmedByHand } = options;
  if ([options.list, off, reboot, confirmedByHand].filter(Boolean).length > 1) {
    app.io.err('Only one of --list, --off, --reboot and --confirmed-by-hand makes sense.\n');
    return Promise.resolve(exitCodes.usage);
  }
  if (options.list) return withSource(options, app, (source) => list(source, options, app));
  if (node === undefined) {
    app.io.err('Name the node that is to be off, or use --list to see the devices.\n');
    return Promise.resolve(exitCodes.usage);
  }
  return withSource(options, app, (source) =>
    confirmedByHand ? confirmOff(source, node, options, app) : switchOff(source, node, options, app),
  );
}

async function list(source: Source, { node, json }: FenceOptions, app: App): Promise<ExitCode> {
  const looked = await source.fenceLook(node === undefined ? {} : { node });
  if (!looked.ok) return complain(app, looked.error);
  const { nodes } = looked.value;
  const colour = paint(app.io.color);
  app.io.out(
    json
      ? `${JSON.stringify(looked.value, undefined, 2)}\n`
      : `${nodes.map((target) => renderTarget(target, colour)).join('\n')}\n`,
  );
  const isWell = nodes.every(({ outlets }) => outlets.every(({ power }) => power !== 'unknown'));
  return isWell ? exitCodes.ok : exitCodes.problems;
}

/** Shows what would be used and how things are, asks back, and only then fires. */
async function switchOff(
  source: Source,
  node: string,
  { off, reboot, yes }: FenceOptions,
  app: App,
): Promise<ExitCode> {
  const { io } = app;
  const status = await source.status();
  if (!status.ok) return complain(app, status.error);
  const looked = await source.fenceLook({ node });
  if (!looked.ok) return complain(app, looked.error);
  const target = looked.value.nodes.find((each) => each.node === node);
  if (target === undefined) return complain(app, { code: 'garbled', message: 'hamnd told of another node.' });
  const does = off ? 'off' : reboot ? 'reboot' : target.action;
  io.out(`${renderTarget({ ...target, action: does }, paint(io.color))}\n${roleOf(status.value, node)}\n`);
  const again = does === 'reboot' ? ', and on again' : '';
  if (!(await agreed(io, yes, `Really switch ${node} off${again}?`))) return exitCodes.refused;
  io.err(`This takes at most ${formatDuration(target.limitMs)}.\n`);
  const fenced = await source.fence({ node, action: does, by: io.user }, target.limitMs);
  return tell(node, fenced, app);
}

async function confirmOff(source: Source, node: string, { yes }: FenceOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  const status = await source.status();
  if (!status.ok) return complain(app, status.error);
  const names = status.value.nodes.map(({ name }) => name);
  if (!names.includes(node)) {
    const message = `There is no node ${node}.${didYouMean(node, names)} The nodes are ${names.join(', ')}.`;
    return complain(app, { code: 'refused', message });
  }
  io.out(`${roleOf(status.value, node)}\n`);
  io.err(
    `If ${node} still runs, two nodes will write at the same time and data will be lost. Being silent is not being off: look at the machine.\n`,
  );
  if (!(await agreed(io, yes, `Is ${node} off, and does it stay off?`))) return exitCodes.refused;
  return tell(node, await source.confirmOff({ node, by: io.user }), app);
}

function tell(node: string, done: Result<DoneAnswer, SourceFailure>, app: App): ExitCode {
  if (!done.ok) {
    app.io.err(`${node} is not confirmed to be off. `);
    return complain(app, done.error);
  }
  app.io.out(`${done.value.message}\n`);
  return exitCodes.ok;
}

/** What the cluster would lose. */
function roleOf({ nodes, primary }: StatusDocument, name: string): string {
  const node = nodes.find((each) => each.name === name);
  const isPrimary = primary?.node === name;
  if (isPrimary && primary.heardOf)
    return `${name} is primary and alive: the role moves. \`hamnctl switchover\` does that without an outage.`;
  if (isPrimary) return `${name} holds the term, but is not heard of.`;
  return node?.reachable === true ? `${name} is alive (${node.role}).` : `${name} is not heard of.`;
}
