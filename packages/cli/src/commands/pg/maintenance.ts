import { longestMaintenanceMs, type StatusDocument } from '@hamn/api';
import { didYouMean } from '@hamn/config';
import type { App, GlobalOptions } from '../../app.ts';
import { complain } from '../../connect/open-source.ts';
import type { Source } from '../../connect/source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { withLimit } from '../../request/with-cluster.ts';
import { readDuration } from '../../text/time-of-day.ts';

export interface MaintenanceOptions extends GlobalOptions {
  readonly on: boolean;
  readonly node: string | undefined;
  readonly reason: string;
  readonly forText: string;
  readonly timeoutSeconds: number;
}

const lookEveryMs = 200;

export function maintenance(options: MaintenanceOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  const forMs = readDuration(options.forText);
  if (forMs === undefined || forMs > longestMaintenanceMs) {
    io.err('--for is a time such as 30m, 2h or 1d, and at most 7d.\n');
    return Promise.resolve(exitCodes.usage);
  }
  return withLimit(options, app, async ({ source, status, timeoutMs }) => {
    const node = options.node ?? status.node;
    const against = againstMaintenance(status, node);
    if (against !== undefined) {
      io.err(`${against}\n`);
      return exitCodes.refused;
    }
    const changed = await source.maintenance({
      node,
      on: options.on,
      by: io.user,
      reason: options.reason,
      forMs,
    });
    if (!changed.ok) return complain(app, changed.error);
    io.out(`${changed.value.message}\n`);
    return options.on ? waitUntilFree(source, node, timeoutMs, app) : exitCodes.ok;
  });
}

function againstMaintenance(status: StatusDocument, name: string): string | undefined {
  const node = status.nodes.find((other) => other.name === name);
  const names = status.nodes.map((other) => other.name);
  if (node === undefined)
    return `There is no node ${name}.${didYouMean(name, names)} The nodes are ${names.join(', ')}.`;
  if (node.role === 'witness') return `${name} is a witness: it has no database.`;
  return undefined;
}

/** PostgreSQL may be stopped once no commit waits for it: the record is changed first, and then PostgreSQL. */
async function waitUntilFree(source: Source, node: string, timeoutMs: number, app: App): Promise<ExitCode> {
  const { io } = app;
  const begun = io.monotonicMs();
  for (;;) {
    const status = await source.status();
    if (status.ok && !mustWait(status.value, node)) {
      io.out(`${adviceFor(status.value, node)}\n`);
      return exitCodes.ok;
    }
    if (io.monotonicMs() - begun >= timeoutMs) break;
    await io.sleep(lookEveryMs);
  }
  io.err(
    `${node} is still in the synchronous set: in mode strict, or with nobody else to wait for, writes will wait while its PostgreSQL is down. The maintenance stands; \`hamnctl status\` shows the set.\n`,
  );
  return exitCodes.timeout;
}

const mustWait = (status: StatusDocument, node: string): boolean =>
  status.primary?.node !== node && status.replication?.synchronous.includes(node) === true;

function adviceFor(status: StatusDocument, node: string): string {
  const way = `systemctl stop and start work for PostgreSQL's unit there. \`hamnctl pg maintenance off ${node}\` ends it.`;
  if (status.primary?.node === node)
    return `${node} is primary: while its PostgreSQL is stopped nobody can write, and the term and the VIPs stay. If the node itself is lost, another one takes over. ${way}`;
  return `PostgreSQL on ${node} may be stopped now: no commit waits for it. ${way}`;
}
