import {
  type JudgeSettings,
  type MoveSettings,
  probeKinds,
  type ServiceNode,
  type ServiceNodesSettings,
  serviceNodeId,
  serviceNodeModes,
} from '../service-nodes/settings.ts';
import { listOf, numberOf, type Words, wordAt } from './words.ts';

/** Small figures, so that a scenario is short. */
export const defaultServiceNodes: ServiceNodesSettings = {
  mode: 'act',
  members: [],
  judge: {
    everyMs: 10_000,
    limitMs: 3000,
    failures: 3,
    samples: 5,
    kinds: 2,
    recover: 3,
    most: 0.5,
    flaps: 3,
    flapWithinMs: 3_600_000,
  },
  moves: {
    batch: 2,
    atOnce: 1,
    limitMs: 60_000,
    pauseMs: 120_000,
    soakMs: 600_000,
    tries: 3,
    databaseOnly: false,
    failbackSoakMs: 300_000,
  },
};

/** `settings mode=propose batch=3`; lengths of time are in seconds. */
export function withSettings(settings: ServiceNodesSettings, words: Words): ServiceNodesSettings {
  const { judge, moves } = settings;
  const seconds = (key: string, ms: number): number => numberOf(words, key, ms / 1000) * 1000;
  const mode = serviceNodeModes.find((one) => one === words.named.get('mode')) ?? settings.mode;
  const judged: JudgeSettings = {
    ...judge,
    failures: numberOf(words, 'failures', judge.failures),
    samples: numberOf(words, 'samples', judge.samples),
    kinds: numberOf(words, 'kinds', judge.kinds),
    recover: numberOf(words, 'recover', judge.recover),
    most: numberOf(words, 'most', judge.most),
    flaps: numberOf(words, 'flaps', judge.flaps),
  };
  const moved: MoveSettings = {
    ...moves,
    batch: numberOf(words, 'batch', moves.batch),
    atOnce: numberOf(words, 'at-once', moves.atOnce),
    limitMs: seconds('limit', moves.limitMs),
    pauseMs: seconds('pause', moves.pauseMs),
    soakMs: seconds('soak', moves.soakMs),
    tries: numberOf(words, 'tries', moves.tries),
    failbackSoakMs: seconds('failback-soak', moves.failbackSoakMs),
  };
  return { ...settings, mode, judge: judged, moves: moved };
}

/** `sn1 pools=a,b capacity=4 master=sn1-n maintenance probes=ping,xcatd`. */
export function memberOf(line: Words): ServiceNode {
  const name = wordAt(line, 0);
  const probes = line.named.get('probes');
  const capacity = line.named.get('capacity');
  return {
    name: serviceNodeId(name),
    address: '10.1.0.31',
    nodeAddress: undefined,
    xcatmaster: line.named.get('master'),
    pools: listOf(line.named.get('pools') ?? 'a'),
    capacity: capacity === undefined ? undefined : Number(capacity),
    probes:
      probes === undefined
        ? ['ping', 'xcatd', 'nfs']
        : probeKinds.filter((kind) => listOf(probes).includes(kind)),
    isInMaintenance: line.plain.includes('maintenance'),
  };
}

/** `n1-n4` is n1, n2, n3 and n4. */
export function namesOf(text: string): readonly string[] {
  const [, name = '', from = '', to = ''] = /^(\D+)(\d+)-\D+(\d+)$/.exec(text) ?? [];
  if (name === '') return [text];
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => `${name}${Number(from) + at}`);
}
