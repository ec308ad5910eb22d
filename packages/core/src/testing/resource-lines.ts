import type { ResourceKind, ResourceKindName } from '../resources/kinds/kinds.ts';
import { resourceKindNames, traitsOf } from '../resources/kinds/kinds.ts';
import { usualSyncExcludes, usualSyncPort } from '../resources/kinds/sync.ts';
import type { MonitorDepth } from '../resources/kinds/traits.ts';
import type { UnitQuestion } from '../resources/kinds/unit.ts';
import { usualOutcome } from '../resources/protection.ts';
import type { FailureOutcome, ResourceRuns, ResourceSettings } from '../resources/resource.ts';
import { listOf, numberOf, readWords, type Words, wordAt } from './words.ts';

/** `xcatd unit after=a,b runs=primary restarts=1 window=60000 outcome=failover depth=deep names=other.service ask=xcatd` as a resource. */
export function resourceOf(line: string): ResourceSettings {
  const words = readWords(line);
  const what = kindOf(words);
  const traits = traitsOf(what);
  const { defaults } = traits;
  return {
    name: wordAt(words, 0),
    what,
    runs: (words.named.get('runs') ?? (traits.promotable ? 'all' : 'primary')) as ResourceRuns,
    after: listOf(words.named.get('after') ?? '-'),
    limits: {
      ...defaults.limits,
      startMs: numberOf(words, 'start', defaults.limits.startMs),
      stopMs: numberOf(words, 'stop', defaults.limits.stopMs),
    },
    monitor: {
      ...defaults.monitor,
      depth: (words.named.get('depth') ?? defaults.monitor.depth) as MonitorDepth,
      intervalMs: numberOf(words, 'every', defaults.monitor.intervalMs),
      confirm: numberOf(words, 'confirm', defaults.monitor.confirm),
    },
    failure: {
      restarts: numberOf(words, 'restarts', 3),
      windowMs: numberOf(words, 'window', 300_000),
      outcome: (words.named.get('outcome') ?? usualOutcome(traits)) as FailureOutcome,
    },
    unfenced: words.plain.includes('unfenced'),
  };
}

function kindOf(words: Words): ResourceKind {
  const name = wordAt(words, 0);
  const kind = wordAt(words, 1) as ResourceKindName;
  if (!resourceKindNames.includes(kind)) throw new Error(`'${kind}' is no kind of resource.`);
  const text = (key: string, fallback: string): string => words.named.get(key) ?? fallback;
  const kinds: Readonly<Record<ResourceKindName, () => ResourceKind>> = {
    vip: () => ({ kind: 'vip', address: text('address', '10.1.0.9'), prefixLength: 24, interface: 'eth0' }),
    postgres: () => ({
      kind: 'postgres',
      unit: 'postgresql.service',
      dataDirectory: text('data', '/var/lib/pg'),
    }),
    unit: () => ({
      kind: 'unit',
      unit: `${name}.service`,
      alternatives: listOf(text('names', '-')),
      ports: [],
      probe: undefined,
      ask: words.named.get('ask') as UnitQuestion | undefined,
    }),
    mount: () => ({
      kind: 'mount',
      source: text('source', 'nas:/install'),
      target: text('target', `/${name}`),
      type: text('type', 'nfs'),
      options: [],
    }),
    drbd: () => ({ kind: 'drbd', resource: name, device: text('device', '/dev/drbd0') }),
    link: () => ({ kind: 'link', path: text('path', `/${name}`), to: text('to', '/install/link') }),
    marker: () => ({
      kind: 'marker',
      onPrimary: text('on', '/etc/xCATMN'),
      elsewhere: text('else', '/etc/xCATSN'),
    }),
    template: () => ({
      kind: 'template',
      template: text('template', `/etc/hamn/templates/${name}`),
      file: text('file', `/etc/${name}.conf`),
      values: {},
      valuesOf: {},
      changed: undefined,
    }),
    sync: () => ({
      kind: 'sync',
      paths: listOf(text('paths', '/etc/hosts')),
      exclude: usualSyncExcludes,
      port: usualSyncPort,
      compareEveryMs: 900_000,
      bytesPerSecond: undefined,
    }),
    job: () => ({ kind: 'job', command: [name] }),
    exec: () => ({ kind: 'exec', start: [name], stop: [name], monitor: [name] }),
    ocf: () => ({
      kind: 'ocf',
      provider: 'heartbeat',
      agent: name,
      parameters: {},
      promotable: words.plain.includes('promotable'),
      carries: words.plain.includes('carries'),
      exclusive: words.plain.includes('exclusive'),
    }),
  };
  return kinds[kind]();
}
