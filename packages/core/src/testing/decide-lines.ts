import { instant, nodeId, revision } from '../brands.ts';
import type { PauseValue, RequestValue } from '../group/values.ts';
import type { Finished } from '../observation.ts';
import type { SoftwareView } from '../postgres-trouble.ts';
import type { TakeReason, TakeVerdict } from '../term/candidate.ts';
import type { TermPhase } from '../term/state.ts';
import { fencingLine } from './decide-fencing-lines.ts';
import { guardLine } from './decide-guard-line.ts';
import { identityLine } from './decide-identity-lines.ts';
import { machineLine } from './decide-machine-lines.ts';
import { dataNode, heldLeader, makeMember, promotion, toLsn } from './decide-parts.ts';
import { postgresLine } from './decide-postgres-lines.ts';
import { verbLine } from './decide-verb-lines.ts';
import type { World } from './decide-world.ts';
import { nodesOf } from './term-lines.ts';
import { listOf, numberOf, readWords, toNumber, unknownWord, type Words, wordAt } from './words.ts';

type Line = (world: World, words: Words) => void;

const lead = (mod: number, by: string, to: string): World['leader'] => ({
  kind: 'present',
  mod: revision(mod),
  value: {
    kind: 'released',
    by: nodeId(by),
    to: nodeId(to),
    nonce: 'n' as Extract<World['leader'], { kind: 'present' }>['value']['nonce'],
    termMs: 3000,
  },
});

/** `leader 12 held mn2`, `leader 12 released mn1 to=mn2`, `leader absent`, `leader unreadable` */
const leaderLine: Line = (world, words) => {
  const what = wordAt(words, 1);
  if (what === 'absent') world.leader = { kind: 'absent' };
  else if (what === 'unreadable')
    world.leader = { kind: 'unreadable', mod: revision(12), reason: 'The key leader does not hold JSON.' };
  else {
    const mod = toNumber(what, words.line);
    const who = wordAt(words, 3);
    world.leader =
      wordAt(words, 2) === 'held' ? heldLeader(mod, who) : lead(mod, who, words.named.get('to') ?? who);
  }
};

/** `verdict timed|mine|released|fenced|no` */
const verdictLine: Line = (world, words) => {
  const why = wordAt(words, 1) as TakeReason | 'no';
  const because = words.plain[2] ?? `(${why})`;
  const verdict: TakeVerdict =
    why === 'no' ? { may: false, because, until: world.waitUntil } : { may: true, why, because };
  world.verdict = verdict;
};

/** `state electorate=mn1,mn2 synchronous=mn1 promotions=10/mn1/2@0/2000`, `state indefinite`, `state absent` */
const stateLine: Line = (world, words) => {
  if (words.plain[1] === 'absent') world.state = undefined;
  if (words.plain[1] === 'indefinite') world.isStateDefinite = false;
  if (words.plain[1] === 'definite') world.isStateDefinite = true;
  if (world.state === undefined) return;
  for (const [name, text] of words.named) {
    if (name === 'electorate') world.state.electorate = nodesOf(text);
    else if (name === 'synchronous') world.state.synchronous = nodesOf(text);
    else if (name === 'quorum') world.state.quorum = text === '-' ? undefined : Number(text);
    else if (name === 'system') world.state.systemId = text === '-' ? undefined : text;
    else if (name === 'promotions') {
      world.state.promotions = listOf(text).map((item) => {
        const [, token, node = '', timeline, lsn = ''] = /^(\d+)\/(\w+)\/(\d+)@(\S+)$/.exec(item) ?? [];
        return promotion(Number(token), node, Number(timeline), lsn);
      });
    }
  }
};

/** `member mn2 eligible|ineligible [streaming] lsn=0/5000 [state=down] [timeline=2] [line=10] [upstream=mn3] priority=100 [ahead=install] reason="…"`, `member mn2 gone` */
const memberLine: Line = (world, words) => {
  const name = nodeId(wordAt(words, 1));
  if (words.plain[2] === 'gone') return void world.members.delete(name);
  const eligible = words.plain[2] !== 'ineligible';
  const reasons = [
    words.named.get('reason') ?? (eligible ? 'It has all that a primary needs.' : 'It is ill.'),
  ];
  world.members.set(name, {
    ...makeMember(name),
    candidacy: { eligible, reasons },
    priority: numberOf(words, 'priority', 100),
    bootId: words.named.get('boot'),
    services: listOf(words.named.get('ahead') ?? '-').map((own) => ({
      name: own,
      state: 'degraded',
      ahead: true,
    })),
    postgres: {
      state: words.named.get('state') ?? 'standby',
      lsn: words.named.get('lsn') ?? '0/5000',
      ...(words.named.has('timeline') ? { timeline: numberOf(words, 'timeline', 2) } : {}),
      ...(words.plain.includes('streaming') ? { streaming: true } : {}),
      ...(words.named.has('version') ? { software: softwareIn(words) } : {}),
      ...(words.named.has('upstream') ? { upstream: words.named.get('upstream') } : {}),
      ...(words.named.has('line') ? { lineToken: numberOf(words, 'line', 10) } : {}),
    },
  });
};

const softwareIn = ({ named }: Words): SoftwareView => ({
  postgres: named.get('version'),
  libc: named.get('libc'),
  architecture: named.get('architecture'),
});

/** `peer mn2 missed=2 silent=31000 [refusing]`; `peer mn2 gone` */
const peerLine: Line = (world, words) => {
  const node = nodeId(wordAt(words, 1));
  world.peers = world.peers.filter((peer) => peer.node !== node);
  if (words.plain[2] === 'gone') return;
  const missedRounds = numberOf(words, 'missed', 0);
  const promising = missedRounds === 0 && words.plain[2] !== 'refusing';
  world.peers.push({ node, missedRounds, silentMs: numberOf(words, 'silent', 100), promising });
};

/** `finished KEY code [at=…] [begun=…] [NAME=VALUE…]`, `failed KEY code message="…"`, `finished KEY none` */
const finishedLine: Line = (world, words) => {
  const key = wordAt(words, 1);
  if (words.plain[2] === 'none') return void world.finished.delete(key);
  const at = numberOf(words, 'at', world.now);
  const data = Object.fromEntries(
    [...words.named].filter(([name]) => !['at', 'begun', 'message'].includes(name)),
  );
  const finished: Finished = {
    key,
    begunAt: instant(numberOf(words, 'begun', at)),
    at: instant(at),
    ok: wordAt(words, 0) === 'finished',
    code: wordAt(words, 2),
    message: words.named.get('message') ?? '',
    data,
  };
  world.inFlight.delete(key);
  world.finished.set(key, finished);
};

/** `request switchover to=mn2 [token=10] [life=60000] [id=r1] [loss]`, `request none` */
const requestLine: Line = (world, words) => {
  const kind = wordAt(words, 1);
  if (kind === 'none') {
    world.request = undefined;
    return;
  }
  const to = words.named.get('to');
  world.request = {
    id: words.named.get('id') ?? 'r1',
    kind: kind as RequestValue['kind'],
    token: numberOf(words, 'token', 10),
    ...(to === undefined ? {} : { to: nodeId(to) }),
    allowDataLoss: words.plain.includes('loss'),
    by: 'root' satisfies PauseValue['by'],
    madeWallMs: 0,
    expiresWallMs: numberOf(words, 'life', 60_000),
  };
};

const memoryLine: Line = (world, words) => {
  const valueIn = (text: string): unknown => JSON.parse(text.replaceAll("'", '"')) ?? undefined;
  const entries = [...words.named].map(([name, text]) => [name, valueIn(text)]);
  world.memory = { ...world.memory, ...Object.fromEntries(entries) };
};

/** `heard mn3 lsn=0/5000 [ineligible] [detached=10/50] [timeline=2]`, `heard mn3 none` */
const heardLine: Line = (world, words) => {
  const name = nodeId(wordAt(words, 1));
  if (words.plain[2] === 'none') return void world.heard.delete(name);
  const lsn = words.named.get('lsn') ?? '0/5000';
  const sign = words.named.get('detached')?.split('/').map(Number);
  const [leader = 0, heartbeat = 0] = sign ?? [];
  const timeline = numberOf(words, 'timeline', 2);
  world.heard.set(name, {
    ...makeMember(name),
    candidacy: { eligible: words.plain[2] !== 'ineligible', reasons: [] },
    postgres: { state: 'standby', lsn },
    ...(sign === undefined ? {} : { detached: { leader, heartbeat, timeline, lsn } }),
  });
};

const lines: Readonly<Record<string, Line>> = {
  now: (world, words) => {
    world.now = instant(toNumber(wordAt(words, 1), words.line));
  },
  mode: (world, words) => {
    world.mode = wordAt(words, 1) as World['mode'];
    world.quorum = words.named.has('quorum') ? numberOf(words, 'quorum', 1) : undefined;
  },
  onCrash: (world, words) => {
    world.onCrash = wordAt(words, 1) as World['onCrash'];
  },
  failover: (world, words) => {
    world.failover = wordAt(words, 1) as World['failover'];
  },
  node: (world, words) => {
    const name = wordAt(words, 1);
    world.nodes = world.nodes.filter((node) => node.name !== name);
    if (words.plain[2] === 'gone') return;
    const node = dataNode(name, words.plain[2] === 'witness' ? 'witness' : 'data');
    const from = words.named.get('replicatefrom');
    const tags = {
      nofailover: words.plain.includes('nofailover'),
      nosync: words.plain.includes('nosync'),
      clonefrom: words.plain.includes('clonefrom'),
      replicatefrom: from === undefined ? undefined : nodeId(from),
    };
    world.nodes.push({ ...node, ...tags, priority: numberOf(words, 'priority', 100) });
  },
  phase: (world, words) => {
    world.phase = wordAt(words, 1) as TermPhase;
    world.ended = words.named.get('ended');
  },
  group: (world) => {
    world.isGroupRead = false;
  },
  alarm: (world, words) => {
    world.alarm = wordAt(words, 1);
  },
  leader: leaderLine,
  heartbeat: (world, words) => {
    world.heartbeatLsn = words.named.get('lsn');
    world.heartbeatMod = numberOf(words, 'mod', world.heartbeatMod);
  },
  verdict: verdictLine,
  silent: (world, words) => {
    world.silentMs = toNumber(wordAt(words, 1), words.line);
  },
  waits: (world, words) => {
    world.waitUntil = instant(toNumber(wordAt(words, 1), words.line));
  },
  since: (world, words) => {
    world.holdSince = instant(toNumber(wordAt(words, 1), words.line));
  },
  state: stateLine,
  member: memberLine,
  peer: peerLine,
  guard: guardLine,
  finished: finishedLine,
  failed: finishedLine,
  busy: (world, words) => {
    const key = wordAt(words, 1);
    world.inFlight.set(key, { key, since: world.now });
  },
  free: (world, words) => void world.inFlight.delete(wordAt(words, 1)),
  request: requestLine,
  pause: (world) => {
    world.isPaused = true;
  },
  resume: (world) => {
    world.isPaused = false;
  },
  contact: (world, words) => {
    const name = wordAt(words, 1);
    const lsn = words.named.get('lsn') ?? '0/5000';
    toLsn(lsn);
    const state = words.plain[2] ?? 'primary';
    const replayedLsn = words.named.get('replayed');
    const timeline = words.named.has('timeline') ? numberOf(words, 'timeline', 2) : undefined;
    world.contact =
      name === 'none' ? undefined : { ...makeMember(name), postgres: { state, timeline, lsn, replayedLsn } };
  },
  promoted: (world, words) => {
    const token = toNumber(wordAt(words, 1), words.line);
    world.ownPromotions.push({ token, fromTimeline: numberOf(words, 'from', 1) });
  },
  /** `line 12 timeline=3`, `line unknown`: what this node's disk says of its data. */
  line: (world, words) => {
    const known = wordAt(words, 1) !== 'unknown';
    world.line = known
      ? { token: toNumber(wordAt(words, 1), words.line), timeline: numberOf(words, 'timeline', 2) }
      : undefined;
  },
  heard: heardLine,
  'etcd-leader': (world, words) => {
    const others = listOf(words.named.get('others') ?? 'wit1').map((node) => ({
      memberId: `id-${node}`,
      node,
    }));
    world.etcdLeader = { onThisNode: wordAt(words, 1) === 'here', others };
  },
  memory: memoryLine,
};

/** One line of a scenario changes one thing of what the rules are shown. */
export function applyLine(world: World, line: string): void {
  const words = readWords(line);
  const known = lines[wordAt(words, 0)];
  if (known !== undefined) known(world, words);
  else if (
    ![postgresLine, fencingLine, machineLine, identityLine, verbLine].some((line) => line(world, words))
  )
    unknownWord(words);
}
