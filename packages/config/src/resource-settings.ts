import {
  type PostgresSettings,
  type ResourceKind,
  type ResourceSettings,
  type ResourceTraits,
  traitsOf,
  usualOutcome,
} from '@hamn/core';
import { readCidr } from './addresses.ts';
import type { GroupText } from './cluster-schema.ts';
import { type ResourceLine, resourceLines } from './resource-lines.ts';
import type { ResourceText } from './resources-schema.ts';

/** The group's resources as core wants them: `vips:`, `postgres:`, the preset, `services:` and `resources:` in one list. */
export const resourcesOf = (group: GroupText): readonly ResourceSettings[] =>
  resourceLines(group).flatMap((line) => resourceOf(line, group.postgres) ?? []);

/** Undefined where what its kind needs is missing; the checks say what. */
export function resourceOf(
  { name, text }: ResourceLine,
  postgres: PostgresSettings | undefined,
): ResourceSettings | undefined {
  const what = kindOf(name, text, postgres);
  if (what === undefined) return undefined;
  const traits = traitsOf(what);
  const usual = usualOf(what, traits, postgres);
  const { limits, monitor } = usual;
  return {
    name,
    what,
    runs: text.runs ?? (traits.promotable || what.kind === 'sync' ? 'all' : 'primary'),
    after: text.after ?? [],
    limits: {
      startMs: text.startTimeout ?? limits.startMs,
      stopMs: text.stopTimeout ?? limits.stopMs,
      monitorMs: text.monitorTimeout ?? limits.monitorMs,
      promoteMs: text.promoteTimeout ?? limits.promoteMs,
      demoteMs: text.demoteTimeout ?? limits.demoteMs,
    },
    monitor: {
      intervalMs: text.monitorEvery ?? monitor.intervalMs,
      depth: text.depth ?? monitor.depth,
      confirm: text.confirm ?? monitor.confirm,
      confirmAfterMs: text.confirmAfter ?? monitor.confirmAfterMs,
    },
    failure: {
      restarts: text.restarts ?? usual.restarts,
      windowMs: text.restartWindow ?? usual.windowMs,
      outcome: text.onFailure ?? usualOutcome(traits),
    },
    unfenced: text.unfenced ?? false,
  };
}

/** The database's limits are those of `postgres:`. */
function usualOf(what: ResourceKind, { defaults }: ResourceTraits, postgres: PostgresSettings | undefined) {
  if (what.kind !== 'postgres' || postgres === undefined)
    return { ...defaults, restarts: 3, windowMs: 300_000 };
  return {
    limits: {
      ...defaults.limits,
      startMs: postgres.startTimeoutMs,
      stopMs: postgres.stopTimeoutMs,
      promoteMs: postgres.promoteTimeoutMs,
    },
    monitor: defaults.monitor,
    restarts: postgres.restarts,
    windowMs: postgres.restartWindowMs,
  };
}

function kindOf(
  name: string,
  text: ResourceText,
  postgres: PostgresSettings | undefined,
): ResourceKind | undefined {
  switch (text.kind) {
    case undefined:
      return undefined;
    case 'vip': {
      const cidr = text.address === undefined ? undefined : readCidr(text.address);
      if (cidr === undefined || text.interface === undefined) return undefined;
      return { kind: 'vip', ...cidr, interface: text.interface };
    }
    case 'postgres':
      if (postgres === undefined) return undefined;
      return { kind: 'postgres', unit: postgres.unit, dataDirectory: postgres.dataDirectory };
    case 'unit':
      return {
        kind: 'unit',
        unit: text.unit ?? `${name}.service`,
        ports: text.ports ?? [],
        probe: text.probe,
      };
    case 'mount': {
      const { source, target, type } = text;
      if (source === undefined || target === undefined || type === undefined) return undefined;
      return { kind: 'mount', source, target, type, options: text.options ?? [] };
    }
    case 'drbd':
      if (text.device === undefined) return undefined;
      return { kind: 'drbd', resource: text.resource ?? name, device: text.device };
    case 'link':
      if (text.path === undefined || text.to === undefined) return undefined;
      return { kind: 'link', path: text.path, to: text.to };
    case 'marker':
      if (text.onPrimary === undefined || text.elsewhere === undefined) return undefined;
      return { kind: 'marker', onPrimary: text.onPrimary, elsewhere: text.elsewhere };
    case 'sync':
      return text.paths === undefined ? undefined : { kind: 'sync', paths: text.paths };
    case 'job':
      return text.command === undefined ? undefined : { kind: 'job', command: text.command };
    case 'exec': {
      const { start, stop, monitor } = text;
      if (start === undefined || stop === undefined || monitor === undefined) return undefined;
      return { kind: 'exec', start, stop, monitor };
    }
    case 'ocf': {
      const [, provider, agent] = text.agent?.split(':') ?? [];
      if (provider === undefined || agent === undefined) return undefined;
      return {
        kind: 'ocf',
        provider,
        agent,
        parameters: text.parameters ?? {},
        promotable: text.promotable ?? false,
        carries: text.carries ?? false,
        exclusive: text.exclusive ?? false,
      };
    }
  }
}
