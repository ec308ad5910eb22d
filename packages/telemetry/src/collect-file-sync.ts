import type { SenderReport } from '@hamn/api';
import type { SetGauge } from './collect-postgres.ts';

/** On the primary only: who sends knows what the others lack. */
export function collectFileSync(senders: readonly SenderReport[], set: SetGauge): void {
  for (const { resource, copies } of senders) {
    for (const { node, state, backlogFiles, ageMs, drift, comparedAtWallMs } of copies) {
      set('hamn_sync_level', state === 'level' ? 1 : 0, resource, node);
      set('hamn_sync_backlog_files', backlogFiles, resource, node);
      set('hamn_sync_backlog_age_seconds', ageMs / 1000, resource, node);
      set('hamn_sync_drift_files', drift, resource, node);
      if (comparedAtWallMs !== undefined)
        set('hamn_sync_compared_timestamp_seconds', comparedAtWallMs / 1000, resource, node);
    }
  }
}
