import { placesOf, postgresLayouts } from '@hamn/config';
import type { XmlElement } from '@hamn/xml';
import { pairsOf } from '../cib.ts';
import { type Draft, leaveOut, lookAt } from '../draft.ts';
import { leftOutPairs, type Settings } from './parameters.ts';

const modes: Readonly<Record<string, string>> = { sync: 'synchronous', async: 'asynchronous' };

/** `pgsql` -> `postgres`, where the data directory says which PostgreSQL it is. */
export function database(primitive: XmlElement, draft: Draft): Settings {
  const pairs = pairsOf(primitive, 'instance_attributes');
  const directory = pairs.get('pgdata')?.replace(/\/$/, '');
  const found = directory === undefined ? undefined : layoutOf(directory);
  if ([...draft.resources.values()].some(({ kind }) => kind === 'postgres')) {
    leaveOut(draft, primitive, 'A group has one database; this is the second one.');
    return undefined;
  }
  if (found === undefined) {
    leaveOut(
      draft,
      primitive,
      `Which PostgreSQL it is does not follow from pgdata=${directory ?? 'nothing'}: \`hamnctl pg discover\` prints the block.`,
    );
    return undefined;
  }
  const replication = pairs.get('rep_mode') ?? 'none';
  const mode = modes[replication];
  const unsaid = mode === undefined ? ` rep_mode=${replication} says no mode: hamn’s default counts.` : '';
  lookAt(
    draft,
    primitive,
    `Version and layout are taken from pgdata=${directory}.${unsaid} hamn replicates by itself; remove PGSQL.lock and the agent’s recovery settings.`,
  );
  leftOutPairs(primitive, ['pgdata', 'rep_mode'], draft, 'hamn finds or does it by itself');
  return { ...found, ...(mode === undefined ? {} : { mode }) };
}

function layoutOf(directory: string): Record<string, string | number> | undefined {
  const version = Number(/\/(\d{2})\//.exec(directory)?.[1] ?? 0);
  for (const layout of postgresLayouts) {
    if (version === 0 && layout !== 'rhel') continue;
    if (placesOf(layout, version, undefined)?.dataDirectory !== directory) continue;
    return { ...(version === 0 ? {} : { version }), ...(layout === 'debian' ? {} : { layout }) };
  }
  return undefined;
}
