import type { NodeStatus, StatusDocument } from '@hamn/api';
import { didYouMean } from '@hamn/config';
import { fail, ok, type Result } from '@hamn/core';

export interface RestartWish {
  readonly nodes: readonly string[];
  readonly all: boolean;
  readonly pendingOnly: boolean;
  readonly inPlace: boolean;
}

export interface RestartStep {
  readonly kind: 'restart' | 'switchover';
  readonly node: string;
  readonly text: string;
}

export interface RestartPlan {
  readonly steps: readonly RestartStep[];
  /** Nodes that are left out, each a sentence. */
  readonly left: readonly string[];
}

/** Standbys first, by name; the primary last, by a switchover unless it is to restart in place. */
export function planRestart(status: StatusDocument, wish: RestartWish): Result<RestartPlan, 'refused'> {
  const data = status.nodes.filter((node) => node.role !== 'witness');
  const unknown = wish.nodes.filter((name) => !data.some((node) => node.name === name));
  if (unknown.length > 0) {
    const names = data.map((node) => node.name);
    const [first = ''] = unknown;
    return fail(
      'refused',
      `There is no data node ${first}.${didYouMean(first, names)} The data nodes are ${names.join(', ')}.`,
    );
  }
  if (wish.nodes.length === 0 && !wish.all && !wish.pendingOnly)
    return fail('refused', 'Say which nodes: their names, --all, or --pending-only.');
  if (status.primary === undefined || !status.primary.heardOf)
    return fail('refused', 'There is no primary that is heard of, so nothing is restarted.');
  const chosen = data.filter((node) => wish.nodes.length === 0 || wish.nodes.includes(node.name));
  const due = chosen.filter((node) => !wish.pendingOnly || isPending(node));
  const against = due.map((node) => againstNode(status, node)).find((text) => text !== undefined);
  if (against !== undefined) return fail('refused', against);
  const primary = status.primary.node;
  const standbys = due.filter((node) => node.name !== primary).map(({ name }) => standbyStep(name));
  const last = due.some((node) => node.name === primary) ? [primaryStep(primary, wish.inPlace)] : [];
  const left = chosen
    .filter((node) => !due.includes(node))
    .map((node) => `${node.name}: no setting waits for a restart.`);
  return ok({ steps: [...standbys, ...last], left });
}

const isPending = ({ postgres }: NodeStatus): boolean => (postgres?.restartPending ?? []).length > 0;

function againstNode(status: StatusDocument, node: NodeStatus): string | undefined {
  const held = status.maintenance?.find((value) => value.node === node.name);
  if (held !== undefined) return `${node.name} is in maintenance (by ${held.by}): restart it there by hand.`;
  if (!node.reachable) return `${node.name} is not heard of, so it cannot be told. Start hamnd on it.`;
  return undefined;
}

const standbyStep = (node: string): RestartStep => ({
  kind: 'restart',
  node,
  text: `${node}: restarted as a standby; waited for until it streams (and is synchronous) again.`,
});

const primaryStep = (node: string, inPlace: boolean): RestartStep =>
  inPlace
    ? { kind: 'restart', node, text: `${node}: restarted in place; the term and the VIPs stay.` }
    : { kind: 'switchover', node, text: `${node}: hands over, and starts again as a standby.` };
