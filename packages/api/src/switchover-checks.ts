import type { NodeStatus } from './node-status.ts';
import type { StatusDocument } from './status.ts';

/** One thing that was looked at before a change of role. */
export interface RoleCheck {
  readonly passed: boolean;
  /** A full sentence, of what is so or of what is wrong. */
  readonly text: string;
}

export interface RolePlan {
  readonly from: string | undefined;
  /** Undefined when no node was found. */
  readonly to: string | undefined;
  readonly checks: readonly RoleCheck[];
  readonly possible: boolean;
}

const passed = (text: string): RoleCheck => ({ passed: true, text });
const failed = (text: string): RoleCheck => ({ passed: false, text });

/** What a planned change of role would do, and what speaks against it. The primary checks again before it begins. */
export function planSwitchover(status: StatusDocument, wanted: string | undefined): RolePlan {
  const { primary } = status;
  const to = wanted ?? bestCandidate(status)?.name;
  const checks: RoleCheck[] = [];
  if (primary === undefined) checks.push(failed('There is no primary, so there is nothing to hand over.'));
  else if (!primary.heardOf)
    checks.push(
      failed(
        `${primary.node} holds the term but is not heard of: a switchover needs both sides. Use failover.`,
      ),
    );
  else checks.push(passed(`${primary.node} is primary and is heard of.`));
  if (to !== undefined && to === primary?.node) checks.push(failed(`${to} is primary already.`));
  else if (status.paused !== undefined && wanted === undefined)
    checks.push(
      failed(
        'hamn is paused: say which node is to be primary (--to NODE), or end the pause (hamnctl resume).',
      ),
    );
  else if (to === undefined) checks.push(failed(`No other node could take over.${whyNobody(status)}`));
  else checks.push(...checkTarget(status, to));
  const held = status.maintenance?.find((value) => value.node === primary?.node);
  if (held !== undefined)
    checks.push(
      failed(
        `${held.node} is in maintenance (by ${held.by}): hamn does not stop PostgreSQL there. End that first (hamnctl pg maintenance off ${held.node}).`,
      ),
    );
  if (status.request !== undefined)
    checks.push(
      failed(
        `A ${status.request.kind} that ${status.request.by} asked for is not finished yet. Wait for its end.`,
      ),
    );
  return { from: primary?.node, to, checks, possible: checks.every((check) => check.passed) };
}

/** The same for an unplanned one. A dead primary is no obstacle; lacking data is one unless it was accepted. */
export function planFailover(
  status: StatusDocument,
  wanted: string | undefined,
  allowDataLoss: boolean,
): RolePlan {
  const { primary } = status;
  const to =
    wanted ?? bestCandidate(status)?.name ?? (allowDataLoss ? furthestStandby(status)?.name : undefined);
  const checks: RoleCheck[] = [];
  if (primary === undefined) checks.push(passed('There is no primary.'));
  else if (primary.heardOf) checks.push(passed(`${primary.node} is alive: it will hand over cleanly.`));
  else checks.push(passed(`${primary.node} holds the term and is not heard of.`));
  const target = status.nodes.find((node) => node.name === to);
  if (to !== undefined && to === primary?.node) checks.push(failed(`${to} is primary already.`));
  else if (to === undefined) checks.push(failed(`No other node could take over.${whyNobody(status)}`));
  else if (!allowDataLoss || target?.reachable !== true) checks.push(...checkTarget(status, to));
  else if (target.role === 'witness')
    checks.push(failed(`${to} is a witness: it has no data and never leads.`));
  else checks.push(passed(`${to} may lack acknowledged writes; --allow-data-loss accepts that.`));
  if (status.request !== undefined)
    checks.push(
      failed(
        `A ${status.request.kind} that ${status.request.by} asked for is not finished yet. Wait for its end.`,
      ),
    );
  return { from: primary?.node, to, checks, possible: checks.every((check) => check.passed) };
}

function checkTarget(status: StatusDocument, to: string): readonly RoleCheck[] {
  const node = status.nodes.find((other) => other.name === to);
  if (node === undefined) {
    const names = status.nodes.map((other) => other.name).join(', ');
    return [failed(`There is no node ${to}. The nodes are ${names}.`)];
  }
  if (!node.reachable)
    return [failed(`${to} is not heard of. Check its power, its network and hamnd on it.`)];
  if (node.candidacy?.eligible === false)
    return [failed(`${to} cannot take over now. ${node.candidacy.reasons.join(' ')}`)];
  const checks = [passed(`${to} says that it can take over.`)];
  const { postgres } = node;
  // Nobody receives from a primary that is gone: then its own word on its data is all there is, and enough.
  if (postgres === undefined || status.primary?.heardOf !== true) return checks;
  if (postgres.streaming === false) checks.push(failed(`${to} does not receive changes from the primary.`));
  else checks.push(passed(`${to} receives changes from the primary${lagText(postgres.lagBytes)}.`));
  return checks;
}

const lagText = (bytes: number | undefined): string =>
  bytes === undefined ? '' : ` and is ${bytes} bytes behind`;

/** The one that hamn itself would choose: the most data, then priority, then name. */
function bestCandidate(status: StatusDocument): NodeStatus | undefined {
  return status.nodes
    .filter(
      (node) => node.name !== status.primary?.node && node.reachable && node.candidacy?.eligible === true,
    )
    .sort(byWorth)[0];
}

function furthestStandby(status: StatusDocument): NodeStatus | undefined {
  return status.nodes
    .filter((node) => node.name !== status.primary?.node && node.reachable && node.postgres !== undefined)
    .sort(byWorth)[0];
}

function byWorth(a: NodeStatus, b: NodeStatus): number {
  const lag = (a.postgres?.lagBytes ?? 0) - (b.postgres?.lagBytes ?? 0);
  if (lag !== 0) return lag;
  const priority = (b.priority ?? 0) - (a.priority ?? 0);
  return priority !== 0 ? priority : a.name < b.name ? -1 : 1;
}

function whyNobody(status: StatusDocument): string {
  const reasons = status.nodes
    .filter((node) => node.name !== status.primary?.node && node.role !== 'witness')
    .map((node) => `${node.name}: ${node.candidacy?.reasons.join(' ') ?? node.doing}`);
  return reasons.length === 0 ? '' : ` ${reasons.join(' ')}`;
}
