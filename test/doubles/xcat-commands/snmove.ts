import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Behaviour } from './behaviour.ts';
import { attributeOf, groupsOf, type Row, readTable, withLock, writeTable } from './tables.ts';

/** What a command printed, and its exit code. */
export interface Printed {
  readonly out: readonly string[];
  readonly errors: readonly string[];
  readonly code: number;
}

const printed = (code: number, out: readonly string[], errors: readonly string[] = []): Printed => ({
  out,
  errors,
  code,
});

/**
 * snmove's part that changes tables. Its return value in the original is no exit code: only an answer with an error code is one, so a node that
 * does not exist ends with 0 and moves nothing.
 */
export async function snmove(directory: string, argv: readonly string[], does: Behaviour): Promise<Printed> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      source: { type: 'string', short: 's' },
      dest: { type: 'string', short: 'd' },
      destn: { type: 'string', short: 'D' },
      ignorenodes: { type: 'boolean', short: 'i' },
      postscripts: { type: 'string', short: 'P' },
    },
  });
  const { source, dest, destn, ignorenodes = false } = values;
  if (ignorenodes && values.postscripts !== undefined)
    return printed(0, ['-P and -i flags cannot be specified at the same time.']);
  if (positionals.length > 1) return printed(0, ['Too many paramters.']);
  if (positionals.length === 0 && source === undefined)
    return printed(0, ['A node range or the source service node must be specified.']);
  const known = readTable(directory, 'nodelist').map((row) => row['node'] ?? '');
  const { nodes, missed } = nodesOf(directory, positionals[0], source, known);
  if (missed.length > 0) return printed(0, [`Invalid nodes in noderange:${missed.join(',')}`]);
  const out = ['Moving nodes to their backup service nodes.'];
  const unresolved = nodes.find((node) => does.unresolvable.includes(node));
  if (unresolved !== undefined) return printed(1, out, [`Could not resolve node '${unresolved}'.`]);
  if (destn === undefined) await wait(does.msToAskInterfaces);
  const to = dest ?? '';
  if (to === '' || !known.includes(to))
    return printed(
      0,
      out,
      nodes.map((node) => `Could not determine an xcatmaster value for node ${node}.`),
    );
  await withLock(directory, () => writeNodes(directory, nodes, to, destn ?? to, does));
  for (const node of nodes) {
    await wait(does.msForEachNode);
    if (!ignorenodes) appendFileSync(join(directory, 'touched'), `${node}\n`);
  }
  const failed = nodes.filter((node) => does.nodesetFails.includes(node));
  if (failed.length > 0) return printed(1, out, ['Could not run the nodeset command.']);
  return printed(0, out);
}

/** A row of each node's own, whatever the group's said: what chdef does. */
function writeNodes(
  directory: string,
  nodes: readonly string[],
  to: string,
  xcatmaster: string,
  does: Behaviour,
): void {
  const rows = new Map(readTable(directory, 'noderes').map((row) => [row['node'] ?? '', row]));
  for (const node of nodes) {
    if (does.notWritten.includes(node)) continue;
    const before = attributeOf(directory, 'noderes', node, 'servicenode').split(',').filter(Boolean);
    const servicenode = [to, ...before.filter((name) => name !== to)].join(',');
    const row: Row = { ...rows.get(node), node, servicenode, xcatmaster };
    rows.set(node, row);
  }
  writeTable(directory, 'noderes', [...rows.values()]);
}

function nodesOf(
  directory: string,
  range: string | undefined,
  source: string | undefined,
  known: readonly string[],
): { readonly nodes: readonly string[]; readonly missed: readonly string[] } {
  if (range === undefined) {
    const isAt = (node: string): boolean =>
      attributeOf(directory, 'noderes', node, 'servicenode').split(',')[0] === source;
    return { nodes: known.filter(isAt), missed: [] };
  }
  const nodes: string[] = [];
  const missed: string[] = [];
  for (const word of range.split(',')) {
    const members = known.filter((node) => node === word || groupsOf(directory, node).includes(word));
    if (members.length === 0) missed.push(word);
    nodes.push(...members);
  }
  return { nodes: [...new Set(nodes)], missed };
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
