import { fail, type ResourceAct, type ResourceKindName, type Result } from '@hamn/core';
import {
  deadlineIn,
  type Permit,
  type ResourceCall,
  type ResourceFailure,
  type ResourcePort,
  withLimit,
} from '@hamn/engine';
import { InFlight } from './in-flight.ts';
import type { KindAdapter, KindCall } from './kind-adapter.ts';
import { drbdKind } from './kinds/drbd.ts';
import { elsewhereKind, missingSyncKind } from './kinds/elsewhere.ts';
import { execKind } from './kinds/exec.ts';
import { jobKind } from './kinds/job.ts';
import { linkKind } from './kinds/link.ts';
import { markerKind } from './kinds/marker.ts';
import { mountKind } from './kinds/mount.ts';
import { ocfKind } from './kinds/ocf.ts';
import { templateKind } from './kinds/template.ts';
import { unitKind } from './kinds/unit.ts';
import type { ResourcesDeps, ResourcesOptions } from './options.ts';
import { Outputs } from './programs/outputs.ts';
import { createPrograms } from './programs/programs.ts';

/** Kept back from each limit, so that an adapter's own sentence is heard and not the general one; no more than a tenth. */
const reserveMs = 100;

/** Everything that is started and stopped with a role, by kind. No call throws, each ends within its limit. */
export function createResources(options: ResourcesOptions, deps: ResourcesDeps): ResourcePort {
  const outputs = new Outputs(deps.clock);
  const programs = createPrograms(options, deps, outputs);
  const kinds: Readonly<Record<ResourceKindName, KindAdapter>> = {
    drbd: drbdKind(options, deps.clock, programs),
    exec: execKind(options, deps, programs),
    job: jobKind(options, deps, programs),
    link: linkKind(),
    marker: markerKind(),
    mount: mountKind(options, deps, programs),
    ocf: ocfKind(options, deps, programs),
    postgres: elsewhereKind('the database'),
    sync: options.sync ?? missingSyncKind(),
    template: templateKind(options, programs),
    unit: unitKind(options, deps, programs),
    vip: elsewhereKind('virtual addresses'),
  };
  const inFlight = new InFlight(deps.clock);

  const run = async <T>(
    { resource, role, limitMs }: ResourceCall,
    act: ResourceAct,
    body: (kind: KindAdapter, call: KindCall) => Promise<Result<T, ResourceFailure>>,
  ): Promise<Result<T, ResourceFailure>> => {
    const limit = deadlineIn(deps.clock, limitMs - Math.min(reserveMs, limitMs / 10));
    const call = (signal: AbortSignal): KindCall => ({
      settings: resource,
      what: resource.what,
      role,
      limit,
      signal,
    });
    const result = await withLimit(deps.clock, limitMs, `The ${act} of ${resource.name}`, () =>
      inFlight.run(resource.name, act, limit, (signal) => body(kinds[resource.what.kind], call(signal))),
    );
    if (result.ok) return result;
    const { code, message } = result.error;
    if (code !== 'threw') return { ok: false, error: { code, message } };
    deps.journal.write({ event: `resource.${act}.threw`, level: 'error', message });
    return fail('failed', message);
  };

  return {
    look: (call) => run(call, 'monitor', (kind, own) => kind.look(own)),
    start: (call, permit) => run(call, 'start', (kind, own) => kind.start(own, within(own, permit))),
    promote: (call, permit) =>
      run(call, 'promote', (kind, own) => kind.promote?.(own, within(own, permit)) ?? notPromotable(call)),
    demote: (call) => run(call, 'demote', (kind, own) => kind.demote?.(own) ?? notPromotable(call)),
    outdate: (call) => run(call, 'outdate', (kind, own) => kind.outdate?.(own) ?? notMirrored(call)),
    stop: (call) => run(call, 'stop', (kind, own) => kind.stop(own)),
    kill: (call) => run(call, 'kill', (kind, own) => kind.kill(own)),
    output: (resource) => outputs.read(resource),
  };
}

/** What was interrupted does nothing more, whatever the term says. */
const within =
  ({ signal }: KindCall, permit: Permit): Permit =>
  () =>
    !signal.aborted && permit();

const notPromotable = async ({ resource }: ResourceCall): Promise<Result<never, 'failed'>> =>
  fail('failed', `${resource.name} is of kind ${resource.what.kind}, which cannot be promoted or demoted.`);

const notMirrored = async ({ resource }: ResourceCall): Promise<Result<never, 'failed'>> =>
  fail('failed', `${resource.name} is of kind ${resource.what.kind}, which mirrors nothing.`);
