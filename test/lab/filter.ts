import { type Layout, portOf } from './layout.ts';
import { inNetns } from './network.ts';
import { must, run } from './run.ts';

/**
 * What the switch drops on its way from one machine to another; a side that is left out is everybody. With `tcpPorts` only the
 * segments from or to these ports: who is cut off from a service that way goes on answering ARP and everything else.
 */
export type Drop = {
  readonly from?: string;
  readonly to?: string;
  readonly tcpPorts?: readonly number[];
};

const TABLE = 'bridge lab';

/** The rules of one named filter in the words of nft(8). Each filter is a base chain of its own, so that one can go while others stay. */
export function filterText(name: string, drops: readonly Drop[]): string {
  const lines = drops.flatMap((drop) => rulesOf(drop).map((rule) => `    ${rule}`));
  return [
    `table ${TABLE} {`,
    `  chain ${name} {`,
    '    type filter hook forward priority 0; policy accept;',
    ...lines,
    '  }',
    '}',
    '',
  ].join('\n');
}

function rulesOf({ from, to, tcpPorts }: Drop): string[] {
  const ends = [
    ...(from === undefined ? [] : [`iifname "${portOf(from)}"`]),
    ...(to === undefined ? [] : [`oifname "${portOf(to)}"`]),
  ];
  if (tcpPorts === undefined) return [[...ends, 'drop'].join(' ')];
  const ports = `{ ${tcpPorts.join(', ')} }`;
  return ['dport', 'sport'].map((side) => [...ends, `tcp ${side}`, ports, 'drop'].join(' '));
}

/** Rules go by the names of the switch's ports: they outlast a power-off of the machine behind it. */
export async function addFilter(layout: Layout, name: string, drops: readonly Drop[]): Promise<void> {
  await removeFilter(layout, name);
  await must(inNetns(layout.switchNetns, ['nft', '-f', '-']), { input: filterText(name, drops) });
}

/** One that is not there is not missed. */
export async function removeFilter(layout: Layout, name: string): Promise<void> {
  await run(inNetns(layout.switchNetns, ['nft', 'delete', 'chain', ...TABLE.split(' '), name]));
}

export async function removeFilters(layout: Layout): Promise<void> {
  await run(inNetns(layout.switchNetns, ['nft', 'delete', 'table', ...TABLE.split(' ')]));
}
