import { type ResourceKind, type ResourceSettings, traitsOf, unitsOf, unreachable } from '@hamn/core';
import { stringify } from 'yaml';

/** Resources as a reader of the settings writes them, with everything that was left out. */

const units: readonly (readonly [number, string])[] = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

function durationText(ms: number): string {
  const [size, unit] = units.find(([one]) => ms > 0 && ms % one === 0) ?? [1, 'ms'];
  return `${ms / size}${unit}`;
}

function kindText(name: string, what: ResourceKind): Readonly<Record<string, unknown>> {
  switch (what.kind) {
    case 'vip':
      return { address: `${what.address}/${what.prefixLength}`, interface: what.interface };
    case 'postgres':
      return {};
    case 'unit':
      return {
        unit: what.alternatives === undefined ? what.unit : unitsOf(what),
        ...(what.ports.length === 0 ? {} : { ports: what.ports }),
        ...(what.probe === undefined ? {} : { probe: what.probe }),
        ...(what.ask === undefined ? {} : { ask: what.ask, askAt: what.askAt }),
      };
    case 'drbd':
      return { resource: what.resource === name ? undefined : what.resource, device: what.device };
    case 'ocf': {
      const { kind: _kind, provider, agent, ...rest } = what;
      return { agent: `ocf:${provider}:${agent}`, ...rest };
    }
    case 'job':
      if (what.byUnit === undefined) return { command: what.command };
      return {
        commands: Object.fromEntries(what.byUnit.map(({ unit, command }) => [unit, command])),
        unitOf: what.unitOf,
      };
    case 'sync':
      return {
        paths: what.paths,
        exclude: what.exclude,
        port: what.port,
        compareEvery: durationText(what.compareEveryMs),
        ...(what.bytesPerSecond === undefined ? {} : { bandwidth: what.bytesPerSecond }),
      };
    case 'template': {
      const { kind: _kind, values, valuesOf, ...rest } = what;
      return { ...rest, ...given({ values }), ...given({ valuesOf }) };
    }
    case 'mount':
    case 'link':
    case 'marker':
    case 'exec': {
      const { kind: _kind, ...rest } = what;
      return rest;
    }
    default:
      return unreachable(what);
  }
}

/** Without what says nothing. */
const given = (
  fields: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => Object.keys(value).length > 0));

function resourceText(resource: ResourceSettings): Readonly<Record<string, unknown>> {
  const { name, what, runs, after, limits, monitor, failure, unfenced } = resource;
  const promotes = traitsOf(what).promotable;
  return {
    kind: what.kind,
    ...kindText(name, what),
    runs,
    ...(after.length === 0 ? {} : { after }),
    startTimeout: durationText(limits.startMs),
    stopTimeout: durationText(limits.stopMs),
    ...(promotes
      ? { promoteTimeout: durationText(limits.promoteMs), demoteTimeout: durationText(limits.demoteMs) }
      : {}),
    monitorTimeout: durationText(limits.monitorMs),
    monitorEvery: durationText(monitor.intervalMs),
    depth: monitor.depth,
    confirm: monitor.confirm,
    confirmAfter: durationText(monitor.confirmAfterMs),
    restarts: failure.restarts,
    restartWindow: durationText(failure.windowMs),
    onFailure: failure.outcome,
    ...(unfenced ? { unfenced } : {}),
  };
}

/** YAML of everything that the group starts and stops, in the order in which it was written. */
export const expandedResources = (group: string, resources: readonly ResourceSettings[]): string =>
  stringify({
    groups: {
      [group]: { resources: Object.fromEntries(resources.map((one) => [one.name, resourceText(one)])) },
    },
  });
