import { isService, lagBytes } from '@hamn/core';
import type { NodePostgresStatus, NodeStatus } from '../node-status.ts';
import { readLsn, type ViewFacts } from './view-facts.ts';

/** One node as its member key and the settings tell it. */
export function nodeStatus(facts: ViewFacts, name: string): NodeStatus {
  const member = facts.member(name);
  const known = facts.settings?.nodes.find((node) => node.name === name);
  if (member === undefined) return silentNode(facts, name, known);
  return {
    name,
    role: member.role,
    address: known?.address ?? member.address,
    reachable: true,
    doing: member.doing,
    postgres: postgresOf(facts, name),
    vips: member.vips ?? [],
    services: (member.services ?? []).filter(isService),
    candidacy: member.candidacy,
    problems: member.problems,
    version: member.version,
    priority: known?.priority ?? member.priority,
  };
}

/** Nothing is known of its data. */
const silentCandidacy = {
  eligible: false,
  reasons: ['It is not heard of: check its power, its network and hamnd on it.'],
};

function silentNode(
  facts: ViewFacts,
  name: string,
  known: { readonly address: string; readonly role: string; readonly priority: number } | undefined,
): NodeStatus {
  const holds = facts.holder === name ? ' It still holds the term.' : '';
  return {
    name,
    role: known?.role === 'witness' ? 'witness' : 'unknown',
    address: known?.address ?? '',
    reachable: false,
    doing: facts.unread ? 'Not known: etcd has not answered.' : `Not heard of.${holds}`,
    vips: [],
    services: [],
    candidacy: known?.role === 'data' ? silentCandidacy : undefined,
    problems: [],
    priority: known?.priority,
  };
}

function postgresOf(facts: ViewFacts, name: string): NodePostgresStatus | undefined {
  const postgres = facts.member(name)?.postgres;
  if (postgres === undefined) return undefined;
  const { state, timeline, lsn, streaming, systemId } = postgres;
  // Positions of another database cannot be compared.
  const isForeign =
    systemId !== undefined && facts.state?.systemId !== undefined && systemId !== facts.state.systemId;
  const own = readLsn(lsn);
  const lag =
    name === facts.holder || isForeign || own === undefined || facts.headLsn === undefined
      ? undefined
      : lagBytes(facts.headLsn, own);
  const { upstream, copy, diverged, restartPending, recovery } = postgres;
  return {
    state,
    timeline,
    lsn,
    lagBytes: lag,
    streaming,
    upstream,
    copy,
    diverged,
    restartPending,
    recovery,
  };
}
