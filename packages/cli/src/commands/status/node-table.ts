import type { NodeStatus, StatusDocument } from '@hamn/api';
import { isServing } from '@hamn/core';
import type { Paint } from '../../text/colour.ts';
import { copyPercent } from '../../text/copy.ts';
import { formatBytes } from '../../text/quantities.ts';
import { plainTable } from '../../text/table.ts';

const head = ['NODE', 'ROLE', 'POSTGRESQL', 'TL', 'LAG', 'SERVICES', 'DOING'];

export function nodeTable(status: StatusDocument, width: number, colour: Paint): string {
  const rows = status.nodes.map((node) => row(status, node, colour));
  return plainTable(
    head.map((title) => colour.dim(title)),
    rows,
    width,
  );
}

function row(status: StatusDocument, node: NodeStatus, colour: Paint): readonly string[] {
  const { postgres } = node;
  const primary = status.primary?.node === node.name;
  return [
    primary ? colour.bold(node.name) : node.name,
    role(node, primary, colour),
    database(node, status.primary?.node, colour),
    postgres?.timeline === undefined ? '-' : String(postgres.timeline),
    postgres?.lagBytes === undefined ? '-' : formatBytes(postgres.lagBytes),
    services(node, primary, colour),
    node.doing,
  ];
}

function role(node: NodeStatus, primary: boolean, colour: Paint): string {
  if (!node.reachable) return colour.red('SILENT');
  // It holds the term and does not serve yet: the word of the node itself.
  return primary && node.role !== 'primary' ? colour.yellow(node.role) : node.role;
}

function database({ postgres, reachable }: NodeStatus, primary: string | undefined, colour: Paint): string {
  if (postgres === undefined) return reachable ? '-' : '?';
  if (postgres.copy !== undefined) {
    const percent = copyPercent(postgres.copy);
    return percent === undefined ? postgres.copy.kind : `${postgres.copy.kind} ${percent} %`;
  }
  const { upstream } = postgres;
  if (postgres.streaming === true)
    return upstream === undefined || upstream === primary ? 'streaming' : `streaming from ${upstream}`;
  return postgres.streaming === false ? colour.yellow(postgres.state) : postgres.state;
}

/** Active ones of all on the primary; elsewhere they rest, so that only what runs is said. */
function services({ services: all, reachable }: NodeStatus, primary: boolean, colour: Paint): string {
  if (all.length === 0) return reachable ? '-' : '?';
  const active = all.filter(({ state }) => isServing(state)).length;
  const failed = all.filter((service) => service.state === 'failed').length;
  if (primary && failed > 0) return colour.red(`${active}/${all.length} FAILED`);
  if (primary)
    return active === all.length ? `${active}/${all.length}` : colour.yellow(`${active}/${all.length}`);
  return active === 0 ? '-' : `${active}/${all.length}`;
}
