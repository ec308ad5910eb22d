import type { StatusDocument } from '@hamn/api';
import { didYouMean } from '@hamn/config';
import type { App, GlobalOptions } from '../../app.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';
import { send } from '../../request/change-role.ts';
import { withLimit } from '../../request/with-cluster.ts';

export interface ReinitOptions extends GlobalOptions {
  readonly node: string;
  readonly wait: boolean;
  readonly timeoutSeconds: number;
  readonly yes: boolean;
}

export function reinit(options: ReinitOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  const { node } = options;
  return withLimit(options, app, async ({ source, status, timeoutMs }) => {
    const against = againstReinit(status, node);
    if (against !== undefined) {
      io.err(`${against} Nothing was changed.\n`);
      return exitCodes.refused;
    }
    const question = `Really throw away the database on ${node} and clone it again from ${status.primary?.node ?? 'the primary'}?`;
    if (!(await agreed(io, options.yes, question))) return exitCodes.refused;
    const body = { kind: 'reinit', to: node, by: io.user, lifeMs: timeoutMs } as const;
    return send(source, body, { wait: options.wait, timeoutMs }, app);
  });
}

/** Why a node cannot be cloned again now, or undefined. */
export function againstReinit(status: StatusDocument, name: string): string | undefined {
  const node = status.nodes.find((other) => other.name === name);
  const names = status.nodes.map((other) => other.name);
  if (node === undefined)
    return `There is no node ${name}.${didYouMean(name, names)} The nodes are ${names.join(', ')}.`;
  if (status.primary === undefined || !status.primary.heardOf)
    return 'There is no primary that could be cloned from.';
  if (status.primary.node === name) return `${name} is primary: its database is the one that counts.`;
  if (node.role === 'witness') return `${name} is a witness: it has no database.`;
  if (!node.reachable) return `${name} is not heard of, so it cannot be told. Start hamnd on it.`;
  if (status.request !== undefined)
    return `A ${status.request.kind} that ${status.request.by} asked for is not finished yet.`;
  return undefined;
}
