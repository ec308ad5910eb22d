import { type Lsn, nodeId, revision, timelineId } from '../brands.ts';
import type { LeaderValue, MemberValue, Promotion } from '../group/values.ts';
import type { Entry } from '../group/view.ts';
import { parseLsn } from '../lsn.ts';
import type { PostgresData, PostgresServer } from '../postgres-view.ts';
import type { NodeSettings } from '../settings.ts';
import { type SlotView, slotName } from '../slots.ts';
import { profiles } from '../timings.ts';
import type { UnitView } from '../unit-view.ts';

/** What the scenes of the rule table are made of. */

/** `-readonly`: a scenario's lines change things. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

export const toLsn = (text: string): Lsn => {
  const parsed = parseLsn(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

export const systemId = '7001';

export const dataNode = (name: string, role: NodeSettings['role'] = 'data'): Draft<NodeSettings> => ({
  name: nodeId(name),
  address: `10.1.0.${name.charCodeAt(name.length - 1)}`,
  role,
  priority: 100,
  apiPort: 7443,
});

export const makeMember = (name: string): Draft<MemberValue> => ({
  node: nodeId(name),
  version: '1',
  address: '10.1.0.1',
  role: 'standby',
  doing: '',
  healthy: true,
  problems: [],
  priority: 100,
});

export const promotion = (token: number, node: string, timeline: number, switchLsn: string): Promotion => ({
  token,
  node: nodeId(node),
  timeline: timelineId(timeline),
  switchLsn,
});

export const presentData = (
  timeline: number,
  lsn: string,
): Draft<Extract<PostgresData, { kind: 'present' }>> => ({
  kind: 'present',
  systemId,
  timeline: timelineId(timeline),
  state: 'in production',
  lsn: toLsn(lsn),
  standbySignal: false,
});

export const upServer = (timeline: number, lsn: string): Draft<Extract<PostgresServer, { kind: 'up' }>> => ({
  kind: 'up',
  inRecovery: false,
  systemId,
  timeline: timelineId(timeline),
  flushedLsn: toLsn(lsn),
  replayedLsn: undefined,
  streaming: false,
  standbys: [],
  waitsFor: [],
  slots: [],
  redoLsn: toLsn('0/4000'),
});

export const slotOf = (node: string, more: Partial<SlotView> = {}): SlotView => ({
  name: slotName(node),
  active: false,
  restartLsn: toLsn('0/4000'),
  lost: false,
  ...more,
});

export const makeUnit = (unit: string, state: UnitView['active']): Draft<UnitView> => ({
  unit,
  loaded: true,
  active: state,
  sub: 'running',
  enabled: false,
  result: 'success',
});

export const heldLeader = (mod: number, holder: string): Entry<LeaderValue> => ({
  kind: 'present',
  mod: revision(mod),
  value: {
    kind: 'held',
    holder: nodeId(holder),
    nonce: 'n' as LeaderValue['nonce'],
    termMs: profiles.default.termMs,
  },
});
