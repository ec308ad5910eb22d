import {
  listedPath,
  type PostgresSettings,
  type ResourceKind,
  type ResourceSettings,
  type ResourceTraits,
  traitsOf,
  usualOutcome,
  usualSyncExcludes,
  usualSyncPort,
} from '@hamn/core';
import { readCidr } from './addresses.ts';
import type { GroupText } from './cluster-schema.ts';
import { type ResourceLine, resourceLines } from './resource-lines.ts';
import type { ResourceText } from './resources-schema.ts';
import { syncPaths } from './xcat-files.ts';

/** A comparison reads no contents, but every name: not too often for a tree of a million files. */
const usualCompareMs = 900_000;

/** The group's resources as core wants them: `vips:`, `postgres:`, the preset, `services:` and `resources:` in one list. */
export const resourcesOf = (group: GroupText): readonly ResourceSettings[] =>
  resourcesOfLines(resourceLines(group), group.postgres);

export const resourcesOfLines = (
  lines: readonly ResourceLine[],
  postgres: PostgresSettings | undefined,
): readonly ResourceSettings[] => lines.flatMap((line) => resourceOf(line, postgres, lines) ?? []);

/** Undefined where what its kind needs is missing; the checks say what. */
export function resourceOf(
  { name, text }: ResourceLine,
  postgres: PostgresSettings | undefined,
  lines: readonly ResourceLine[],
): ResourceSettings | undefined {
  const what = kindOf(name, text, postgres, lines);
  if (what === undefined) return undefined;
  const traits = traitsOf(what);
  const usual = usualOf(what, traits, postgres);
  const { limits, monitor } = usual;
  return {
    name,
    what,
    runs: text.runs ?? (traits.promotable ? 'all' : 'primary'),
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
  lines: readonly ResourceLine[],
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
    case 'unit': {
      const [unit = '', ...alternatives] = unitNames(name, text);
      const { ports = [], probe, ask, askAt = addressesOf(lines) } = text;
      return {
        kind: 'unit',
        unit,
        ports,
        probe,
        ...(alternatives.length === 0 ? {} : { alternatives }),
        ...(ask === undefined ? {} : { ask, askAt }),
      };
    }
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
    case 'template': {
      const { template, file, values = {}, valuesOf = {}, changed } = text;
      if (template === undefined || file === undefined) return undefined;
      return { kind: 'template', template, file, values, valuesOf, changed };
    }
    case 'sync':
      if (text.paths === undefined && text.list === undefined) return undefined;
      return {
        kind: 'sync',
        paths: syncPaths(text).map((path) => listedPath(path).path),
        exclude: text.exclude ?? usualSyncExcludes,
        port: text.port ?? usualSyncPort,
        compareEveryMs: text.compareEvery ?? usualCompareMs,
        bytesPerSecond: text.bandwidth,
      };
    case 'job':
      return jobOf(text, lines);
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

/** Every name that its unit may have. */
export function unitNames(name: string, { unit = `${name}.service` }: ResourceText): readonly string[] {
  return typeof unit === 'string' ? [unit] : unit;
}

/**
 * The VIPs that are there wherever the role is: one that is not worth it may be missing while all else is well. Where there are some of IPv4, only
 * these: many a daemon is not told to listen on the others.
 */
function addressesOf(lines: readonly ResourceLine[]): readonly string[] {
  const all = lines.flatMap(({ text }) => {
    const isOptional = text.onFailure === 'degrade' || text.onFailure === 'ignore';
    if (text.kind !== 'vip' || text.address === undefined || isOptional) return [];
    return readCidr(text.address)?.address ?? [];
  });
  const ipv4 = all.filter((address) => !address.includes(':'));
  return ipv4.length > 0 ? ipv4 : all;
}

/** In the order in which the unit's names are looked for, so that both take the same one. */
function jobOf({ command, commands, unitOf }: ResourceText, lines: readonly ResourceLine[]) {
  if (command !== undefined) return { kind: 'job' as const, command };
  if (commands === undefined || unitOf === undefined) return undefined;
  const line = lines.find(({ name }) => name === unitOf);
  const names = line?.text.kind === 'unit' ? unitNames(line.name, line.text) : [];
  const byUnit = names.flatMap((unit) => {
    const own = commands[unit];
    return own === undefined ? [] : [{ unit, command: own }];
  });
  return { kind: 'job' as const, command: [], byUnit, unitOf };
}
