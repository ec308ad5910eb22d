import { type Observation, presentValue, serviceNodeVerdicts } from '@hamn/core';
import type { SetGauge } from './collect-postgres.ts';

/** On the primary only, from what it wrote for all under its term. */
export function collectServiceNodes({ term, settings }: Observation, set: SetGauge): void {
  const { group, hold } = term;
  if (group?.serviceNodesView === undefined || settings.serviceNodes === undefined) return;
  const view = presentValue(group.serviceNodesView);
  if (view === undefined || view.token !== hold?.token) return;
  for (const { name, verdict, nodes, away } of view.members) {
    if (verdict !== 'unknown' && verdict !== 'maintenance')
      set('hamn_service_node_up', verdict === 'down' ? 0 : 1, name);
    for (const state of serviceNodeVerdicts)
      set('hamn_service_node_state', state === verdict ? 1 : 0, name, state);
    if (nodes !== undefined) set('hamn_service_node_nodes', nodes, name);
    set('hamn_service_node_away', away, name);
  }
  set('hamn_service_nodes_blocked', view.us === undefined && view.trouble === undefined ? 0 : 1);
  set('hamn_service_node_moves_open', view.open);
}
