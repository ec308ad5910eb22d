import type { StatusDocument } from '@hamn/api';
import { fail, ok, presentValue, type Result } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { readView } from '../../connect/etcd-source.ts';
import { openSource } from '../../connect/open-source.ts';
import { groupsIn } from '../../connect/with-groups.ts';
import { withStore } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { paint } from '../../text/colour.ts';
import { renderStatus } from './render.ts';

export interface AllOptions extends GlobalOptions {
  readonly json: boolean;
}

/** Each group of the cluster: this node's by its hamnd, the others as their nodes last wrote to etcd. */
export function statusOfAll(options: AllOptions, app: App): Promise<ExitCode> {
  return withStore(options, app, async (store) => {
    const view = await readView(store);
    const named = view.ok ? groupsIn(presentValue(view.value.config)) : [];
    // Without etcd there is still what this node knows of its own group.
    const names = named.length === 0 ? [options.group] : named;
    const found = await Promise.all(names.map((group) => statusOf({ ...options, group }, app)));
    if (!view.ok) app.io.err(`Other groups cannot be named: ${view.error.message}\n`);
    return show(names, found, options, app);
  });
}

async function statusOf(options: GlobalOptions, app: App): Promise<Result<StatusDocument>> {
  const source = await openSource(options, app);
  if (!source.ok) return fail('unreachable', source.error.message);
  try {
    const document = await source.value.status();
    return document.ok ? ok(document.value) : fail('unreachable', document.error.message);
  } finally {
    await source.value.close();
  }
}

function show(
  names: readonly string[],
  found: readonly Result<StatusDocument>[],
  { json }: AllOptions,
  { io }: App,
): ExitCode {
  const documents = found.flatMap((one) => (one.ok ? [one.value] : []));
  if (json) io.out(`${JSON.stringify({ schema: 1, groups: documents }, undefined, 2)}\n`);
  for (const [index, one] of found.entries()) {
    if (!one.ok) io.err(`${names[index] ?? ''}: ${one.error.message}\n`);
    else if (!json) {
      const title = paint(io.color).bold(`Group ${names[index] ?? ''}`);
      const text = renderStatus(one.value, { width: io.columns, color: io.color });
      io.out(`${index === 0 ? '' : '\n'}${title}\n\n${text}\n`);
    }
  }
  if (documents.length < found.length) return exitCodes.unreachable;
  return documents.some(({ problems }) => problems.length > 0) ? exitCodes.problems : exitCodes.ok;
}
