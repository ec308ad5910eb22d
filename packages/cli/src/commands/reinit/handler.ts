import type { StatusDocument } from '@hamn/api';
import { didYouMean } from '@hamn/config';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { confirmed } from '../../io.ts';
import { againstEtcd, send } from '../../request/change-role.ts';
import { badTimeout, timeoutMsOf } from '../../request/options.ts';

export interface ReinitOptions extends GlobalOptions {
  readonly node: string;
  readonly wait: boolean;
  readonly timeoutSeconds: number;
  readonly yes: boolean;
}

export function reinit(options: ReinitOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  const { node } = options;
  const timeoutMs = timeoutMsOf(options.timeoutSeconds);
  if (timeoutMs === undefined) {
    io.err(badTimeout);
    return Promise.resolve(exitCodes.usage);
  }
  return withSource(options, app, async (source) => {
    const status = await source.status();
    if (!status.ok) return complain(app, status.error);
    const away = againstEtcd(status.value);
    if (away !== undefined) return complain(app, { code: 'unreachable', message: away });
    const against = againstReinit(status.value, node);
    if (against !== undefined) {
      io.err(`${against} Nothing was changed.\n`);
      return exitCodes.refused;
    }
    const question = `Really throw away the database on ${node} and clone it again from ${status.value.primary?.node ?? 'the primary'}?`;
    if (!options.yes && io.interactive && !(await confirmed(io, question))) {
      io.err('Nothing was changed.\n');
      return exitCodes.refused;
    }
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
