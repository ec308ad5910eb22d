import { judgeMakemn, type MakemnCheck, type MakemnPlan, type MakemnView, planMakemn } from '@hamn/api';
import type { App, GlobalOptions } from '../../app.ts';
import { complain } from '../../connect/open-source.ts';
import type { Source } from '../../connect/source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';
import { send } from '../../request/change-role.ts';
import { type Asking, withLimit } from '../../request/with-cluster.ts';
import { paint } from '../../text/colour.ts';
import { runCommand } from '../doctor/run-command.ts';
import { checkMarkerFiles, type MarkerFiles } from './marker-files.ts';
import { renderMakemnChecks, renderMakemnPlan } from './render.ts';
import { checkSiteMaster, type XcatTools } from './site-master.ts';

export interface MakemnOptions extends GlobalOptions {
  readonly allowDataLoss: boolean;
  readonly fixSite: boolean;
  readonly dryRun: boolean;
  readonly wait: boolean;
  readonly timeoutSeconds: number;
  readonly json: boolean;
  readonly yes: boolean;
}

/** What of this machine is looked at; tests give their own. */
export interface MakemnPlaces {
  readonly xcat: XcatTools;
  readonly markers: MarkerFiles | undefined;
}

const usualPlaces: MakemnPlaces = {
  xcat: { run: runCommand, directory: '/opt/xcat/bin' },
  markers: undefined,
};

/** A run of makemn: what its parts share. */
interface Errand extends Asking {
  readonly options: MakemnOptions;
  readonly app: App;
  readonly places: MakemnPlaces;
  readonly begunMs: number;
  readonly timeoutMs: number;
}

/** Makes this node the primary by the ordinary verbs, waits for what follows the role, and looks at what belongs to xCAT's management node. */
export function makemn(
  options: MakemnOptions,
  app: App,
  places: MakemnPlaces = usualPlaces,
): Promise<ExitCode> {
  const { io } = app;
  // With --json stdout has one document.
  const talking = options.json ? { ...app, io: { ...io, out: io.err } } : app;
  return withLimit(options, talking, async ({ source, status, timeoutMs }) => {
    const begunMs = io.monotonicMs();
    const view = await viewOf(source, status);
    if (!view.ok) return complain(talking, view.error);
    const plan = planMakemn(view.value, options.allowDataLoss);
    talking.io.out(`${renderMakemnPlan(plan, paint(talking.io.color))}\n`);
    const errand = { source, status, options, app: talking, places, begunMs, timeoutMs };
    const end = await carryOut(plan, view.value, errand);
    if (options.json) {
      const { checks, ...rest } = plan;
      const document = { schema: 1, ...rest, before: checks, checks: end.checks, exitCode: end.code };
      io.out(`${JSON.stringify(document, undefined, 2)}\n`);
    }
    return end.code;
  });
}

interface End {
  readonly code: ExitCode;
  readonly checks: readonly MakemnCheck[];
}

const ended = (code: ExitCode, checks: readonly MakemnCheck[] = []): End => ({ code, checks });

async function carryOut(plan: MakemnPlan, view: MakemnView, errand: Errand): Promise<End> {
  const { options, app } = errand;
  const { io } = app;
  if (!plan.possible) {
    io.err(`${plan.node} cannot become the management node now; nothing was changed.\n`);
    return ended(exitCodes.refused);
  }
  if (options.dryRun) {
    const checks =
      plan.way === 'none'
        ? await allChecks(view, { ...errand, options: { ...options, fixSite: false } })
        : [];
    tell(checks, app);
    io.out('This was a dry run; nothing was changed.\n');
    return ended(checks.some(({ state }) => state !== 'ok') ? exitCodes.problems : exitCodes.ok, checks);
  }
  if (plan.way !== 'none') {
    const code = await moveRole(plan, plan.way, errand);
    if (code !== exitCodes.ok || !options.wait) return ended(code);
  }
  return settle(errand);
}

async function moveRole(
  { node }: MakemnPlan,
  way: 'switchover' | 'failover',
  { options, app, source, timeoutMs }: Errand,
): Promise<ExitCode> {
  const mayLose = way === 'failover' && options.allowDataLoss;
  const loss = mayLose ? ' Acknowledged writes may be lost for ever.' : '';
  if (!(await agreed(app.io, options.yes, `Really make ${node} the management node?${loss}`)))
    return exitCodes.refused;
  const body = {
    kind: way,
    to: node,
    ...(mayLose ? { allowDataLoss: true } : {}),
    by: app.io.user,
    lifeMs: timeoutMs,
  };
  return send(source, body, { wait: options.wait, timeoutMs }, app);
}

const lookEveryMs = 500;

/** Follows what belongs to the role until all of it is well or has failed for good, then asks xCAT. */
async function settle(errand: Errand): Promise<End> {
  const { app, source, begunMs, timeoutMs } = errand;
  const { io } = app;
  const told = new Set<string>();
  let checks: readonly MakemnCheck[] = [];
  let trouble = '';
  for (;;) {
    const view = await viewNow(source);
    if (view.ok) {
      trouble = '';
      checks = await checksOf(view.value, errand);
      for (const { state, text } of checks)
        if (state === 'pending' && !told.has(text)) {
          told.add(text);
          io.err(`${text}\n`);
        }
      if (!checks.some(({ state }) => state === 'pending')) {
        checks = [...checks, await siteMaster(view.value, errand)];
        break;
      }
    } else trouble = ` The last look failed: ${view.error.message}`;
    if (io.monotonicMs() - begunMs >= timeoutMs) break;
    await io.sleep(lookEveryMs);
  }
  tell(checks, app);
  if (checks.length === 0 || checks.some(({ state }) => state === 'pending')) {
    io.err(`Not all of it was there within the limit; \`hamnctl makemn\` looks again.${trouble}\n`);
    return ended(exitCodes.timeout, checks);
  }
  if (checks.some(({ state }) => state === 'wrong')) {
    io.err('This node is the management node, but not all that belongs to it is right.\n');
    return ended(exitCodes.problems, checks);
  }
  io.out('This node is the management node, and all that belongs to it is right.\n');
  return ended(exitCodes.ok, checks);
}

async function checksOf(view: MakemnView, { places }: Errand): Promise<readonly MakemnCheck[]> {
  const follows = view.resources.resources.some(({ kind }) => kind === 'marker');
  return [...judgeMakemn(view), await checkMarkerFiles(follows, places.markers)];
}

const siteMaster = ({ status }: MakemnView, { options, places }: Errand): Promise<MakemnCheck> =>
  checkSiteMaster(
    status.vips.map(({ address }) => address.split('/')[0] ?? address),
    options.fixSite,
    places.xcat,
  );

const allChecks = async (view: MakemnView, errand: Errand): Promise<readonly MakemnCheck[]> => [
  ...(await checksOf(view, errand)),
  await siteMaster(view, errand),
];

const tell = (checks: readonly MakemnCheck[], { io }: App): void => {
  if (checks.length > 0) io.out(`${renderMakemnChecks(checks, paint(io.color))}\n`);
};

type View =
  | { readonly ok: true; readonly value: MakemnView }
  | Extract<Awaited<ReturnType<Source['status']>>, { ok: false }>;

async function viewOf(source: Source, status: MakemnView['status']): Promise<View> {
  const resources = await source.resources();
  return resources.ok
    ? { ok: true, value: { status, resources: resources.value, node: status.node } }
    : resources;
}

async function viewNow(source: Source): Promise<View> {
  const status = await source.status();
  return status.ok ? viewOf(source, status.value) : status;
}
