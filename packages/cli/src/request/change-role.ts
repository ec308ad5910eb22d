import type { RequestBody, RolePlan, StatusDocument } from '@hamn/api';
import type { App, GlobalOptions } from '../app.ts';
import { complain, withSource } from '../connect/open-source.ts';
import type { Source } from '../connect/source.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { confirmed } from '../io.ts';
import { paint } from '../text/colour.ts';
import { badTimeout, timeoutMsOf } from './options.ts';
import { renderPlan } from './render-plan.ts';
import { waitForEnd } from './wait.ts';

export interface ChangeOptions extends GlobalOptions {
  readonly kind: 'switchover' | 'failover';
  readonly dryRun: boolean;
  readonly allowDataLoss: boolean;
  readonly wait: boolean;
  readonly timeoutSeconds: number;
  readonly yes: boolean;
}

/** Looks, checks, shows, asks back, and only then asks hamn. What is checked here the primary checks again when it begins. */
export function changeRole(
  options: ChangeOptions,
  plan: (status: StatusDocument) => RolePlan,
  app: App,
): Promise<ExitCode> {
  const { io } = app;
  const timeoutMs = timeoutMsOf(options.timeoutSeconds);
  if (timeoutMs === undefined) {
    io.err(badTimeout);
    return Promise.resolve(exitCodes.usage);
  }
  return withSource(options, app, async (source) => {
    const status = await source.status();
    if (!status.ok) return complain(app, status.error);
    for (const text of status.value.missing) io.err(`Note: ${text}\n`);
    const away = againstEtcd(status.value);
    if (away !== undefined) return complain(app, { code: 'unreachable', message: away });
    const planned = plan(status.value);
    io.out(`${renderPlan(options.kind, planned, paint(io.color))}\n`);
    if (!planned.possible) {
      io.err(`The ${options.kind} is not possible now; nothing was changed.\n`);
      return exitCodes.refused;
    }
    if (options.dryRun) {
      io.out('This was a dry run; nothing was changed.\n');
      return exitCodes.ok;
    }
    if (!(await agreed(options, planned, app))) return exitCodes.refused;
    const body: RequestBody = {
      kind: options.kind,
      ...(planned.to === undefined ? {} : { to: planned.to }),
      ...(options.allowDataLoss ? { allowDataLoss: true } : {}),
      by: io.user,
      lifeMs: timeoutMs,
    };
    return send(source, body, { wait: options.wait, timeoutMs }, app);
  });
}

/** What is shown while etcd is away may be long past, and nothing can be asked for. */
export const againstEtcd = ({ etcd, node }: StatusDocument): string | undefined =>
  etcd?.reachable === false
    ? `etcd does not answer ${node}, so nothing can be asked for and nothing was changed. \`hamnctl doctor\` says which member is missing.`
    : undefined;

async function agreed(options: ChangeOptions, planned: RolePlan, { io }: App): Promise<boolean> {
  if (options.yes || !io.interactive) return true;
  const loss = options.allowDataLoss ? ' Acknowledged writes may be lost for ever.' : '';
  const yes = await confirmed(io, `Really make ${planned.to ?? 'another node'} the primary?${loss}`);
  if (!yes) io.err('Nothing was changed.\n');
  return yes;
}

export interface SendOptions {
  readonly wait: boolean;
  readonly timeoutMs: number;
}

/** Asks, and follows the wish to its end where that was wanted. */
export async function send(
  source: Source,
  body: RequestBody,
  { wait, timeoutMs }: SendOptions,
  app: App,
): Promise<ExitCode> {
  const begun = app.io.monotonicMs();
  const request = await source.request(body);
  if (!request.ok) return complain(app, request.error);
  if (wait) return waitForEnd(source, request.value, { begunMs: begun, timeoutMs }, app);
  app.io.out(`The ${body.kind} is asked for. \`hamnctl status --watch\` shows how it goes.\n`);
  return exitCodes.ok;
}
