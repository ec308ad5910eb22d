import type { ResourcesDocument } from '@hamn/api';
import { didYouMean } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { paint } from '../../text/colour.ts';
import { type ResourcesView, renderJobs, renderResources } from './render.ts';

export interface ShowOptions extends GlobalOptions {
  readonly json: boolean;
}

export function showResources(
  options: ShowOptions & { readonly node: string | undefined },
  app: App,
): Promise<ExitCode> {
  return show(options, app, (document) => {
    const names = document.nodes.map((node) => node.name);
    const name = options.node ?? document.nodes.find((node) => node.role === 'primary')?.name;
    if (name === undefined) return { text: renderResources(document, undefined, viewOf(app)) };
    if (names.includes(name)) return { text: renderResources(document, name, viewOf(app)) };
    return {
      complaint: `There is no data node ${name}.${didYouMean(name, names)} They are ${names.join(', ')}.`,
    };
  });
}

export const showJobs = (options: ShowOptions, app: App): Promise<ExitCode> =>
  show(options, app, (document) => ({ text: renderJobs(document, viewOf(app)) }));

const viewOf = ({ io }: App): ResourcesView => ({ width: io.columns, colour: paint(io.color) });

function show(
  options: ShowOptions,
  app: App,
  render: (document: ResourcesDocument) => { readonly text: string } | { readonly complaint: string },
): Promise<ExitCode> {
  return withSource(options, app, async (source) => {
    const answer = await source.resources();
    if (!answer.ok) return complain(app, answer.error);
    if (options.json) {
      app.io.out(`${JSON.stringify(answer.value, undefined, 2)}\n`);
      return exitCodes.ok;
    }
    const rendered = render(answer.value);
    if ('complaint' in rendered) {
      app.io.err(`${rendered.complaint}\n`);
      return exitCodes.usage;
    }
    app.io.out(`${rendered.text}\n`);
    return exitCodes.ok;
  });
}

export function manage(
  options: GlobalOptions & {
    readonly on: boolean;
    readonly name: string | undefined;
    readonly reason: string;
  },
  app: App,
): Promise<ExitCode> {
  const { name, on, reason } = options;
  if (name === undefined) return missingName(app);
  return withSource(options, app, async (source) => {
    const changed = await source.unmanaged({ resource: name, on, by: app.io.user, reason });
    if (!changed.ok) return complain(app, changed.error);
    app.io.out(`${changed.value.message}\n`);
    return exitCodes.ok;
  });
}

export function wish(
  options: GlobalOptions & { readonly what: 'cleanup' | 'run'; readonly name: string | undefined },
  app: App,
): Promise<ExitCode> {
  const { what, name } = options;
  if (what === 'run' && name === undefined) return missingName(app);
  return withSource(options, app, async (source) => {
    const resource = name === undefined ? {} : { resource: name };
    const asked = await source.resourceWish({ what, ...resource, by: app.io.user });
    if (!asked.ok) return complain(app, asked.error);
    app.io.out(`${asked.value.message}\n`);
    return exitCodes.ok;
  });
}

export function jobOutput(
  options: ShowOptions & { readonly name: string | undefined },
  app: App,
): Promise<ExitCode> {
  const { name, json } = options;
  if (name === undefined) return missingName(app);
  return withSource(options, app, async (source) => {
    const output = await source.resourceOutput(name);
    if (!output.ok) return complain(app, output.error);
    const { text, cut, exitCode, act, atWallMs } = output.value;
    if (json) app.io.out(`${JSON.stringify(output.value, undefined, 2)}\n`);
    else {
      const end = exitCode === undefined ? 'was ended' : `ended with ${exitCode}`;
      app.io.out(
        `${name}: ${act} ${end} at ${new Date(atWallMs).toISOString()}${cut ? '; the beginning is missing' : ''}\n`,
      );
      app.io.out(text === '' ? 'It wrote nothing.\n' : text.endsWith('\n') ? text : `${text}\n`);
    }
    return exitCodes.ok;
  });
}

function missingName({ io }: App): Promise<ExitCode> {
  io.err('Say which resource. `hamnctl resources` lists them.\n');
  return Promise.resolve(exitCodes.usage);
}
