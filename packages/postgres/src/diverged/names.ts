import type { Upstream } from '@hamn/engine';
import type { Limit } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { textField } from '../session/fields.ts';
import type { DivergedReport } from './kept.ts';
import type { RelationCount } from './wal-count.ts';

const mostDatabases = 8;
/** The oid of pg_default, which pg_filenode_relation() calls 0. */
const defaultTablespace = '1663';

/** Names the relations as the source knows them now; numbers where it does not. */
export async function nameRelations(
  parts: Parts,
  upstream: Upstream,
  counts: readonly RelationCount[],
  limit: Limit,
): Promise<DivergedReport['relations']> {
  const byDatabase = new Map<string, RelationCount[]>();
  for (const count of counts) {
    const oid = count.relation.split('/')[1] ?? '';
    byDatabase.set(oid, [...(byDatabase.get(oid) ?? []), count]);
  }
  const named: DivergedReport['relations'][number][] = [];
  let asked = 0;
  for (const [oid, relations] of byDatabase) {
    asked += 1;
    const names = asked > mostDatabases ? undefined : await ask(parts, upstream, oid, relations, limit);
    for (const count of relations)
      named.push({ database: names?.database ?? oid, name: names?.of.get(count.relation), ...count });
  }
  return named;
}

async function ask(
  parts: Parts,
  upstream: Upstream,
  oid: string,
  relations: readonly RelationCount[],
  limit: Limit,
): Promise<{ readonly database: string; readonly of: ReadonlyMap<string, string> } | undefined> {
  const first = parts.upstreamSession(upstream);
  const found = await first.query(`SELECT datname AS it FROM pg_database WHERE oid = ${oid}`, limit.leftMs());
  first.close();
  const database = found.ok ? textField(found.value[0], 'it') : undefined;
  if (database === undefined) return undefined;
  const session = parts.upstreamSession(upstream, database);
  try {
    const of = new Map<string, string>();
    for (const { relation } of relations.slice(0, 100)) {
      const [space = '', , node = ''] = relation.split('/');
      const text = `SELECT pg_filenode_relation(${space === defaultTablespace ? '0' : space}, ${node})::regclass::text AS it`;
      const named = await session.query(text, limit.leftMs());
      const name = named.ok ? textField(named.value[0], 'it') : undefined;
      if (name !== undefined) of.set(relation, name);
    }
    return { database, of };
  } finally {
    session.close();
  }
}
