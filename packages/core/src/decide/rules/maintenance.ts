import { type Facts, isBusy, isCandidate } from '../facts.ts';
import { maintenanceText, ownMaintenance } from '../maintenance.ts';
import type { Match, Rule } from '../rule.ts';

/**
 * Maintenance: an admin has PostgreSQL on this node in his own hands. Nothing here starts, stops or moves it. What keeps the group safe goes on: renewals, the guard,
 * the gate, and the safety band, which stands before these rules.
 */

function ofHolder(facts: Facts): Match | undefined {
  const { hold, memory, pgSettings, server, writable } = facts;
  const maintenance = ownMaintenance(facts);
  if (maintenance === undefined || hold === undefined || pgSettings === undefined) return undefined;
  // Taken over a moment ago: the promotion is what the term is for, and it neither starts nor stops anything.
  if (server?.kind === 'up' && server.inRecovery) return undefined;
  const what = maintenanceText(maintenance);
  if (writable) {
    const because = `This node is primary. ${what} PostgreSQL may be stopped by hand: the term and the VIPs stay here.`;
    return memory.promotedToken === hold.token
      ? { because }
      : { because, memory: { promotedToken: hold.token, hungSince: undefined, recovery: undefined } };
  }
  const because = `${what} PostgreSQL takes no sessions here and is left alone; the term and the VIPs stay here. Start it by hand, or end this with hamnctl pg maintenance off.`;
  return {
    because,
    memory: { hungSince: undefined, recovery: undefined, restarts: { ...memory.restarts, postgres: [] } },
  };
}

function ofCandidate(facts: Facts): Match | undefined {
  const maintenance = ownMaintenance(facts);
  if (maintenance === undefined || !isCandidate(facts) || facts.pgSettings === undefined) return undefined;
  const because = `${maintenanceText(maintenance)} PostgreSQL is neither started nor stopped here, and this node takes no term.`;
  return { because, memory: { notStreamingSince: undefined } };
}

/** Its time is over: the key goes, so that nobody reads of a maintenance that is none. */
function over(facts: Facts): Match | undefined {
  const { group, seen } = facts;
  const entry = group?.maintenance.get(seen.me);
  if (entry?.kind !== 'present' || seen.wallMs < entry.value.untilWallMs) return undefined;
  if (isBusy(facts, 'maintenance.end')) return undefined;
  const reason = `The maintenance that ${entry.value.by} began has reached its stated end; hamn looks after PostgreSQL here again.`;
  return { because: reason, intentions: [{ kind: 'maintenance.end', mod: entry.mod, reason }] };
}

export const holderMaintenance: Rule = {
  id: 'maintenance',
  band: 'role',
  because: 'A primary in maintenance keeps its term and leaves PostgreSQL to the admin.',
  when: ofHolder,
};

export const candidateMaintenance: Rule = {
  id: 'standby-maintenance',
  band: 'role',
  because: 'A standby in maintenance takes no term and leaves PostgreSQL to the admin.',
  when: ofCandidate,
};

export const maintenanceUpkeep: readonly Rule[] = [
  {
    id: 'maintenance-over',
    band: 'upkeep',
    because: 'A maintenance ends by itself at its stated time.',
    when: over,
  },
];
