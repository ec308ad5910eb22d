import type { NodeStatus, StatusDocument } from '@hamn/api';
import type { RequestValue } from '@hamn/core';
import type { App } from '../app.ts';
import type { Source } from '../connect/source.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { copyPercent, copyText } from '../text/copy.ts';
import { formatDuration } from '../text/quantities.ts';

export interface Waiting {
  /** Of the monotonic clock: when the wish was sent. */
  readonly begunMs: number;
  readonly timeoutMs: number;
}

const lookEveryMs = 200;

/** Follows a wish until it is done, refused or late, and says so in a sentence. A look that fails is no end: the roles are changing. */
export async function waitForEnd(
  source: Source,
  request: RequestValue,
  { begunMs, timeoutMs }: Waiting,
  app: App,
): Promise<ExitCode> {
  const { io } = app;
  const told = new Map<string, string>();
  let trouble = '';
  while (io.monotonicMs() - begunMs < timeoutMs) {
    const status = await source.status();
    if (status.ok) {
      trouble = '';
      tellProgress(status.value, told, app);
      const end = endOf(status.value, request);
      if (end !== undefined) return tellEnd(end, request, io.monotonicMs() - begunMs, app);
    } else trouble = ` The last look failed: ${status.error.message}`;
    await io.sleep(lookEveryMs);
  }
  io.err(
    `The ${request.kind} was not finished within ${formatDuration(timeoutMs)}; it may still happen. \`hamnctl status\` shows how it stands.${trouble}\n`,
  );
  return exitCodes.timeout;
}

interface End {
  readonly outcome: 'done' | 'refused' | 'expired';
  readonly message: string;
}

/** Undefined while it goes on. */
export function endOf(status: StatusDocument, request: RequestValue): End | undefined {
  const last = status.lastRequest;
  if (last?.id === request.id)
    return last.outcome === 'done' && !serves(status, request)
      ? undefined
      : { outcome: last.outcome, message: last.message };
  if (status.request?.id === request.id) return undefined;
  // The wish is gone and its outcome was overwritten by a later one, or not read yet: what is so decides.
  const { primary } = status;
  const movesRole = request.kind === 'switchover' || request.kind === 'failover';
  const isPrimary = movesRole && primary !== undefined && primary.token > request.token;
  if (isPrimary && (request.to === undefined || primary.node === request.to) && serves(status, request))
    return { outcome: 'done', message: `${primary.node} is primary now.` };
  return undefined;
}

/** The new primary's own word that it is one: the term comes some milliseconds before the writable database. */
function serves(status: StatusDocument, request: RequestValue): boolean {
  if (request.kind === 'reinit' || request.kind === 'restart') return true;
  const node = status.nodes.find((other) => other.name === status.primary?.node);
  return node?.role === 'primary';
}

function tellProgress(status: StatusDocument, told: Map<string, string>, { io }: App): void {
  for (const node of status.nodes) {
    const before = told.get(node.name);
    told.set(node.name, node.doing);
    if (before !== undefined && before !== node.doing) io.err(`${node.name}: ${node.doing}\n`);
    tellCopy(node, told, io);
  }
}

/** At each tenth of the way. */
function tellCopy({ name, postgres }: NodeStatus, told: Map<string, string>, io: App['io']): void {
  const copy = postgres?.copy;
  const key = `copy ${name}`;
  if (copy === undefined) return void told.delete(key);
  const tenth = String(Math.floor((copyPercent(copy) ?? -10) / 10));
  if (told.get(key) === tenth) return;
  told.set(key, tenth);
  io.err(`${name}: ${copyText(copy)}\n`);
}

function tellEnd(end: End, request: RequestValue, tookMs: number, { io }: App): ExitCode {
  const took = formatDuration(tookMs);
  switch (end.outcome) {
    case 'done':
      io.out(`The ${request.kind} is done after ${took}: ${end.message}\n`);
      return exitCodes.ok;
    case 'refused':
      io.err(`The ${request.kind} was refused after ${took}: ${end.message}\n`);
      return exitCodes.refused;
    default:
      io.err(`The ${request.kind} came to nothing after ${took}: ${end.message}\n`);
      return exitCodes.timeout;
  }
}
