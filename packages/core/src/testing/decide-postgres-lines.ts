import { nodeId, timelineId } from '../brands.ts';
import type { StorageView } from '../postgres-trouble.ts';
import type { PostgresServer, RejectCause } from '../postgres-view.ts';
import { presentData, slotOf, systemId, toLsn, upServer } from './decide-parts.ts';
import type { World } from './decide-world.ts';
import { nodesOf } from './term-lines.ts';
import { numberOf, toNumber, unknownWord, type Words, wordAt } from './words.ts';

/** Lines about PostgreSQL. False when the line is about something else. */
export function postgresLine(world: World, words: Words): boolean {
  switch (wordAt(words, 0)) {
    case 'postgres':
      serverLine(world, words);
      return true;
    case 'data':
      dataLine(world, words);
      return true;
    case 'configured':
      configuredLine(world, words);
      return true;
    case 'slot':
      slotLine(world, words);
      return true;
    case 'room':
      roomLine(world, words);
      return true;
    case 'streams':
      streamsLine(world, words);
      return true;
    case 'recovery':
    case 'storage':
    case 'low':
    case 'software':
      troubleLine(world, words);
      return true;
    default:
      return false;
  }
}

/** `postgres down|hung|rejecting|unknown`, `postgres primary|standby [timeline=2] [lsn=0/5000] [streaming] [waits=mn2,mn3 [any=1]] [redo=0/4000] [system=…]` */
function serverLine(world: World, words: Words): void {
  const kind = wordAt(words, 1);
  if (kind === 'unknown') {
    world.postgres = undefined;
    return;
  }
  const before = world.postgres ?? {
    unit: 'active',
    server: { kind: 'down' },
    data: presentData(2, '0/5000'),
    configured: { upstream: undefined, synchronous: [] },
  };
  if (kind === 'down') world.postgres = { ...before, unit: 'inactive', server: { kind } };
  else if (kind === 'hung' || kind === 'rejecting')
    world.postgres = {
      ...before,
      server: {
        kind,
        reason: words.named.get('reason') ?? `it is ${kind}.`,
        ...(words.named.has('cause') ? { cause: words.named.get('cause') as RejectCause } : {}),
      },
    };
  else if (kind === 'primary' || kind === 'standby') {
    const old = before.server.kind === 'up' ? before.server : undefined;
    const timeline = numberOf(words, 'timeline', old?.timeline ?? 2);
    const lsn = words.named.get('lsn') ?? '0/5000';
    const server = {
      ...(old ?? upServer(timeline, lsn)),
      inRecovery: kind === 'standby',
      timeline: timelineId(timeline),
      flushedLsn: toLsn(lsn),
      streaming: words.plain.includes('streaming'),
      systemId: words.named.get('system') ?? systemId,
      redoLsn: toLsn(words.named.get('redo') ?? '0/4000'),
      ...waited(words, old),
    };
    world.postgres = { ...before, unit: 'active', server };
  } else unknownWord(words);
}

type UpServer = Extract<PostgresServer, { kind: 'up' }>;

/** `waits=mn2,mn3` each of them, with `any=1` one of them. */
function waited(words: Words, old: UpServer | undefined): Pick<UpServer, 'waitsFor' | 'waitsForAny'> {
  const names = words.named.get('waits');
  if (names === undefined) return { waitsFor: old?.waitsFor ?? [], waitsForAny: old?.waitsForAny };
  return {
    waitsFor: nodesOf(names),
    waitsForAny: words.named.has('any') ? numberOf(words, 'any', 1) : undefined,
  };
}

/** `data absent`, `data incomplete clone`, `data present timeline=2 lsn=0/5000 state="shut down" [signal] [system=…]` */
function dataLine(world: World, words: Words): void {
  if (world.postgres === undefined) throw new Error('there is no PostgreSQL in this scene.');
  const kind = wordAt(words, 1);
  if (kind === 'absent') world.postgres.data = { kind };
  else if (kind === 'damaged')
    world.postgres.data = { kind, because: words.named.get('because') ?? 'pg_control is missing.' };
  else if (kind === 'incomplete')
    world.postgres.data = { kind, by: wordAt(words, 2) === 'rewind' ? 'rewind' : 'clone' };
  else
    world.postgres.data = {
      ...presentData(numberOf(words, 'timeline', 2), words.named.get('lsn') ?? '0/5000'),
      state: words.named.get('state') ?? 'shut down',
      standbySignal: words.plain.includes('signal'),
      systemId: words.named.get('system') ?? systemId,
    };
}

/** `recovery from=0/0 at=0/1000 end=0/5000`, `recovery none`, `storage both hung|read-only|failing|well [free=…] [total=…]`, `low max_connections own=50 needed=100`, `software postgres=15.14 libc=2.36` */
function troubleLine(world: World, words: Words): void {
  if (world.postgres === undefined) throw new Error('there is no PostgreSQL in this scene.');
  const bytes = (name: string): number | undefined =>
    words.named.has(name) ? numberOf(words, name, 0) : undefined;
  switch (wordAt(words, 0)) {
    case 'recovery': {
      const at = words.named.get('at');
      world.postgres.recovery =
        words.plain[1] === 'none'
          ? undefined
          : {
              from: toLsn(words.named.get('from') ?? '0/0'),
              at: at === undefined ? undefined : toLsn(at),
              end: toLsn(words.named.get('end') ?? '0/0'),
            };
      return;
    }
    case 'storage':
      world.postgres.storage = [
        {
          holds: wordAt(words, 1) as StorageView['holds'],
          path: '/data',
          state: wordAt(words, 2) as StorageView['state'],
          reason: words.named.get('reason'),
          freeBytes: bytes('free'),
          totalBytes: bytes('total'),
        },
      ];
      return;
    case 'low':
      world.postgres.tooLow =
        words.plain[1] === 'none'
          ? []
          : [
              {
                name: wordAt(words, 1),
                own: numberOf(words, 'own', 0),
                needed: numberOf(words, 'needed', 0),
              },
            ];
      return;
    default:
      world.postgres.software = Object.fromEntries(words.named);
  }
}

/** `configured upstream=mn1 synchronous=mn2,mn3 [any=1] [outdated]` */
function configuredLine(world: World, words: Words): void {
  if (world.postgres === undefined) throw new Error('there is no PostgreSQL in this scene.');
  const upstream = words.named.get('upstream');
  const synchronous = words.named.get('synchronous');
  world.postgres.configured = {
    upstream: upstream === undefined || upstream === '-' ? undefined : nodeId(upstream),
    synchronous: synchronous === undefined ? world.postgres.configured.synchronous : nodesOf(synchronous),
    ...(words.plain.includes('outdated') ? { outdated: true } : {}),
    ...(words.named.has('any') ? { quorum: numberOf(words, 'any', 1) } : {}),
  };
}

/** `streams mn2 [lsn=0/5000] [state=catchup]`, `streams mn2 gone` */
function streamsLine(world: World, words: Words): void {
  const server = world.postgres?.server;
  if (server?.kind !== 'up' || world.postgres === undefined) throw new Error('PostgreSQL is not up here.');
  const node = nodeId(wordAt(words, 1));
  const others = server.standbys.filter((standby) => standby.node !== node);
  const state = words.named.get('state') ?? 'streaming';
  const flushedLsn = toLsn(words.named.get('lsn') ?? '0/5000');
  const found = words.plain[2] === 'gone' ? [] : [{ node, state, synchronous: false, flushedLsn }];
  world.postgres.server = { ...server, standbys: [...others, ...found] };
}

/** `slot mn2 [restart=0/3000] [active] [lost]`, `slot mn2 gone`; the name may be any node's. */
function slotLine(world: World, words: Words): void {
  const server = world.postgres?.server;
  if (server?.kind !== 'up' || world.postgres === undefined) throw new Error('PostgreSQL is not up here.');
  const slot = slotOf(wordAt(words, 1), {
    active: words.plain.includes('active'),
    lost: words.plain.includes('lost'),
    restartLsn: words.plain.includes('lost') ? undefined : toLsn(words.named.get('restart') ?? '0/4000'),
  });
  const others = server.slots.filter(({ name }) => name !== slot.name);
  const slots = words.plain[2] === 'gone' ? others : [...others, slot];
  world.postgres.server = { ...server, slots };
}

/** `room 5000000`: bytes that are free where pg_wal is. */
function roomLine(world: World, words: Words): void {
  if (world.postgres === undefined) throw new Error('there is no PostgreSQL in this scene.');
  const freeBytes = toNumber(wordAt(words, 1), words.line);
  world.postgres.statistics = {
    at: world.now,
    walDisk: { freeBytes, totalBytes: 100 * 1024 ** 3 },
    walBytes: undefined,
    walGeneratedBytes: undefined,
    databaseBytes: undefined,
    connections: undefined,
    checkpoint: undefined,
    slots: [],
    restartPending: [],
    slotKeepBytes: undefined,
  };
}
