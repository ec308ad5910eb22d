import type { EventDocument } from '@hamn/api';
import type { Cluster } from '../cluster/index.ts';
import { show } from './text.ts';

/** The last take-over as the new primary's journal tells it: each phase with its milliseconds. */
export async function showTakeover(cluster: Cluster, node: string): Promise<void> {
  const asked = await cluster.lab.exec(node, ['hamnctl', 'events', '--json'], { timeoutMs: 15_000 });
  const events: EventDocument[] = asked.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as EventDocument);
  const begin = events.map((event) => event.rule).lastIndexOf('take');
  const phases = events
    .slice(Math.max(0, begin))
    .filter((event) => event.rule === 'take' || event.event.startsWith('takeover.'));
  const start = phases[0]?.atWallMs ?? 0;
  for (const event of phases) show(`${String(event.atWallMs - start).padStart(6)} ms  ${event.message}`);
}
