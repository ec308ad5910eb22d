import { presentValue, readGroup } from '@hamn/core';
import { emptyDisk } from '../postgres/disk.ts';
import type { PostgresTroubles } from '../postgres/troubles.ts';
import type { FaultContext, FaultKind } from './fault.ts';

/** Sets one trouble for the time of the fault. */
const trouble =
  (name: keyof PostgresTroubles, value: (context: FaultContext) => number) =>
  (context: FaultContext): (() => void) => {
    const { troubles } = context.node.server;
    troubles[name] = value(context);
    return () => {
      troubles[name] = 0;
    };
  };

const foreignId = '7500000000000000002';
const foreignBranch = 1_000_000;

function hang({ node }: FaultContext): (() => void) | undefined {
  const process = node.server.process;
  if (process === undefined) return undefined;
  process.freeze();
  return () => {
    // What waits for its disk goes on only with the disk.
    if (process.alive && !node.isHung) process.thaw();
  };
}

function kill({ node }: FaultContext): (() => void) | undefined {
  if (node.server.process === undefined) return undefined;
  node.server.die('killed by a fault');
  return () => undefined;
}

function slowDisk({ node, random }: FaultContext): () => void {
  node.local.slowMs = random.between(200, 3000);
  return () => {
    node.local.slowMs = 0;
  };
}

/** Somebody put another cluster's database in this one's place. In the end the right one is put back, unless it was cloned meanwhile. */
function otherDatabase({ node, world }: FaultContext): (() => void) | undefined {
  const { server } = node;
  const { disk } = server.parts;
  // A group that has had no promotion yet knows no system identifier: whatever is there becomes its database.
  if (presentValue(readGroup(world.etcd.group).state)?.systemId === undefined) return undefined;
  if (server.isWritable || disk.data !== 'present' || disk.systemId === foreignId) return undefined;
  server.die('another database is put in its place');
  const own = { ...disk };
  const branch = { id: foreignBranch, timeline: 1, parent: undefined };
  Object.assign(disk, emptyDisk(branch), { systemId: foreignId, data: 'present', controlLsn: 70_000 });
  return () => {
    if (disk.systemId !== foreignId) return;
    server.die('its own database is put back');
    Object.assign(disk, own);
  };
}

/** It dies within seconds of each start, for as long as the fault lasts. */
function crashLoop(context: FaultContext): (() => void) | undefined {
  const { server } = context.node;
  if (server.process === undefined) return undefined;
  const end = trouble('dieAfterMs', ({ random }) => random.between(50, 3000))(context);
  server.die('the first of a crash loop');
  return end;
}

/** A crash that leaves up to a minute of replay. */
function slowRecovery(context: FaultContext): (() => void) | undefined {
  const { server } = context.node;
  if (!server.isWritable) return undefined;
  const end = trouble('crashWalBytes', ({ random }) => random.between(50, 4000) * 1_000_000)(context);
  server.die('a crash with much WAL');
  return end;
}

const data = { touches: 'none', onlyData: true } as const;

export const postgresFaults: readonly FaultKind[] = [
  { name: 'kill postmaster', weight: 7, ...data, instant: true, begin: kill },
  { name: 'hung postgres', weight: 4, ...data, begin: hang },
  {
    name: 'slow promotion',
    weight: 5,
    ...data,
    begin: trouble('slowPromotionMs', ({ random }) => random.between(500, 8000)),
  },
  {
    name: 'failing promotion',
    weight: 3,
    ...data,
    begin: trouble('failPromotions', ({ random }) => random.int(1, 3)),
  },
  {
    name: 'slow start',
    weight: 3,
    ...data,
    begin: trouble('slowStartMs', ({ random }) => random.between(1000, 9000)),
  },
  {
    name: 'failing start',
    weight: 2,
    ...data,
    begin: trouble('failStarts', ({ random }) => random.int(1, 2)),
  },
  {
    name: 'slow stop',
    weight: 3,
    ...data,
    begin: trouble('slowStopMs', ({ random }) => random.between(500, 9000)),
  },
  {
    name: 'failing copy',
    weight: 3,
    ...data,
    begin: trouble('failCopies', ({ random }) => random.int(1, 2)),
  },
  {
    name: 'names not proven',
    weight: 3,
    ...data,
    begin: trouble('notProven', ({ random }) => random.int(1, 3)),
  },
  {
    name: 'slow flush',
    weight: 3,
    ...data,
    begin: trouble('slowFlushMs', ({ random }) => random.between(50, 700)),
  },
  {
    name: 'crash loop',
    weight: 3,
    ...data,
    begin: crashLoop,
  },
  { name: 'slow recovery', weight: 3, ...data, begin: slowRecovery },
  // The server lives on; a term must not end for it.
  { name: 'connections used up', weight: 3, ...data, ends: 'none', begin: trouble('noConnections', () => 1) },
  { name: 'full disk', weight: 3, ...data, begin: trouble('full', () => 1) },
  { name: 'another database', weight: 2, ...data, begin: otherDatabase },
  { name: 'slow disk', weight: 3, ...data, begin: slowDisk },
];
