import { stringify } from 'yaml';
import type { Draft, DraftResource } from './draft.ts';

export interface Cluster {
  readonly group: string;
  /** Addresses by name. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly witnesses: ReadonlyMap<string, string>;
}

/** The settings as a text. A resource that cannot keep its name is told in the draft. */
export function settingsText(draft: Draft, { group, nodes, witnesses }: Cluster): string {
  const members = [
    ...[...nodes].map(([name, address]) => [name, { address }]),
    ...[...witnesses].map(([name, address]) => [name, { address, role: 'witness' }]),
  ];
  const { devices } = draft.fencing;
  // Without a topology pacemaker tries one device after the other: each is a level.
  const fenced = Object.entries(draft.fencing.nodes).map(([name, steps]) => [
    name,
    { levels: steps.map((step) => [step]) },
  ]);
  return stringify({
    version: 1,
    nodes: Object.fromEntries(members),
    ...(Object.keys(devices).length === 0 ? {} : { fencing: { devices, nodes: Object.fromEntries(fenced) } }),
    groups: { [group]: groupSettings(draft) },
  });
}

function groupSettings(draft: Draft): Record<string, unknown> {
  const names = namesOf(draft);
  const all = [...draft.resources].map(([id, resource]) => ({ name: names.get(id) ?? id, resource }));
  const vips = all.filter(({ resource }) => resource.kind === 'vip');
  const database = all.find(({ resource }) => resource.kind === 'postgres');
  const lines = all.flatMap(({ name, resource }) => {
    const line = lineOf(resource, names);
    return Object.keys(line).length === 0 ? [] : [[name, line]];
  });
  return {
    ...(vips.length === 0
      ? {}
      : {
          vips: vips.map(({ resource: { settings } }) => ({
            address: settings['address'],
            interface: settings['interface'],
          })),
        }),
    ...(database === undefined ? {} : { postgres: database.resource.settings }),
    ...(lines.length === 0 ? {} : { resources: Object.fromEntries(lines) }),
  };
}

/** What stands below `resources:`; of the database and addresses only what their own sections have no word for. */
function lineOf(
  { kind, settings, runsOnAll, after }: DraftResource,
  names: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const { address, interface: nic, ...more } = settings;
  const isPromoted = kind === 'drbd' || settings['promotable'] === true;
  return {
    ...(kind === 'vip' ? more : kind === 'postgres' ? {} : { kind, ...settings }),
    ...(runsOnAll && !isPromoted && kind !== 'postgres' ? { runs: 'all' } : {}),
    ...(after.size === 0 ? {} : { after: [...after].map((id) => names.get(id) ?? id) }),
  };
}

/** Names that hamn accepts: `vip` and `postgres` are its own words. */
function namesOf(draft: Draft): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const vips = [...draft.resources].filter(([, { kind }]) => kind === 'vip').map(([id]) => id);
  for (const [index, id] of vips.entries()) names.set(id, vips.length === 1 ? 'vip' : `vip-${index + 1}`);
  for (const [id, { kind, place }] of draft.resources) {
    if (kind === 'vip') continue;
    const plain = id.replaceAll(/[^A-Za-z0-9._-]/g, '-').replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
    const wanted = kind === 'postgres' ? 'postgres' : plain.slice(0, 60) || 'resource';
    const isOwnWord = kind !== 'postgres' && /^(postgres|vip(-\d+)?)$/.test(wanted);
    const name = unused(isOwnWord ? `${wanted}-x` : wanted, new Set(names.values()));
    names.set(id, name);
    if (name !== id && kind !== 'postgres')
      draft.toCheck.push({
        place,
        because: `It is called ${name} here: its id is a word of hamn’s own, or no name that hamn accepts.`,
      });
  }
  return names;
}

function unused(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(name)) return name;
  }
}
