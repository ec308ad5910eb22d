import {
  type ProbeKind,
  probeKinds,
  type ServiceNodeMode,
  type ServiceNodesSettings,
  serviceNodeId,
  serviceNodeModes,
} from '@hamn/core';
import { z } from 'zod';
import { hostAddressSchema, nameSchema } from './fields.ts';
import { durationMsSchema } from './quantities.ts';

/** The section `serviceNodes` of a group as it is written, with every default filled in. */
export interface ServiceNodesText {
  readonly mode: ServiceNodeMode;
  readonly members: Readonly<Record<string, ServiceNodeText>>;
  readonly probes: {
    readonly kinds: readonly ProbeKind[];
    readonly every: number;
    readonly limit: number;
    readonly failures: number;
    readonly samples: number;
    readonly failingKinds: number;
    readonly recover: number;
    readonly most: number;
    readonly flaps: number;
    readonly flapWindow: number;
  };
  readonly moves: {
    readonly batch: number;
    readonly atOnce: number;
    readonly limit: number;
    readonly pause: number;
    readonly soak: number;
    readonly tries: number;
    readonly databaseOnly: boolean;
    readonly failbackSoak: number;
  };
}

export interface ServiceNodeText {
  readonly address: string;
  readonly nodeAddress?: string | undefined;
  readonly xcatmaster?: string | undefined;
  readonly pools: readonly string[];
  readonly capacity?: number | undefined;
  readonly probes?: readonly ProbeKind[] | undefined;
  readonly maintenance: boolean;
}

const wholeNumber = (least: number, most: number, usual: number): z.ZodType<number> => {
  const error = `It must be a whole number from ${least} to ${most}.`;
  return z.int({ error }).min(least, { error }).max(most, { error }).default(usual);
};

const capacityError = 'It must be a whole number of nodes from 1 to 100000.';

const kindSchema = z.enum(probeKinds);

const memberSchema = z.strictObject({
  address: hostAddressSchema.describe(
    'It is where the management node reaches the service node: an address.',
  ),
  nodeAddress: hostAddressSchema
    .optional()
    .describe('Where its nodes reach it, if the management node can, too: the probe `interface` pings it.'),
  xcatmaster: nameSchema
    .optional()
    .describe(
      'Its name on the nodes’ side, as `xcatmaster` has it (snmove -D); without it snmove asks the service node.',
    ),
  pools: z
    .array(nameSchema)
    .min(1, { error: 'Name at least one pool, such as `pools: [rack1]`.' })
    .default(['default'])
    .describe('Nodes move between service nodes that have a pool in common.'),
  capacity: z
    .int({ error: capacityError })
    .min(1, { error: capacityError })
    .max(100_000, { error: capacityError })
    .optional()
    .describe('How many nodes it can serve; no limit where it is not given.'),
  probes: z.array(kindSchema).optional().describe('Its own kinds of probes instead of `probes.kinds`.'),
  maintenance: z
    .boolean({ error: 'It must be true or false.' })
    .default(false)
    .describe('true: an admin works on it; it is not judged and gets no nodes.'),
});

const probesSchema: z.ZodType<ServiceNodesText['probes']> = z.strictObject({
  kinds: z
    .array(kindSchema)
    .default([...probeKinds])
    .describe(
      'ping, xcatd (an answer on TCP 3001), nfs (an answer on TCP 2049), interface (ping of `nodeAddress`).',
    ),
  every: durationMsSchema('10s').describe('How often each service node is probed.'),
  limit: durationMsSchema('3s').describe('The limit of one probe.'),
  failures: wholeNumber(2, 100, 4).describe('N: a kind fails when N of its last M probes failed.'),
  samples: wholeNumber(2, 100, 6).describe('M.'),
  failingKinds: wholeNumber(1, 4, 2).describe(
    'So many kinds must fail at once for the service node to be down.',
  ),
  recover: wholeNumber(1, 100, 6).describe(
    'So many good answers in a row of every kind, and it is up again.',
  ),
  most: wholeNumber(1, 99, 50).describe(
    'In percent: when more of the service nodes seem down, the fault is here, and nothing is moved.',
  ),
  flaps: wholeNumber(2, 100, 3).describe('So often down within `flapWindow`, and it gets no nodes.'),
  flapWindow: durationMsSchema('1h').describe('How long a loss counts for `flaps`.'),
});

const movesSchema: z.ZodType<ServiceNodesText['moves']> = z.strictObject({
  batch: wholeNumber(1, 1000, 20).describe('The most nodes in one snmove.'),
  atOnce: wholeNumber(1, 10, 1).describe('The most snmoves at once.'),
  limit: durationMsSchema('10min').describe('The limit of one snmove.'),
  pause: durationMsSchema('5min').describe('Waited after an snmove that left nodes where they were.'),
  soak: durationMsSchema('30min').describe('A node that was moved is not moved again for so long.'),
  tries: wholeNumber(1, 100, 3).describe('A node that could not be moved so often is left to an admin.'),
  databaseOnly: z
    .boolean({ error: 'It must be true or false.' })
    .default(false)
    .describe('true: snmove -i, which changes xCAT’s database and leaves the nodes alone.'),
  failbackSoak: durationMsSchema('30min').describe(
    'How long a service node must have been up before nodes go back to it.',
  ),
});

const schema = z.strictObject({
  mode: z
    .enum(serviceNodeModes)
    .default('propose')
    .describe(
      'observe: look and tell. propose: plan; an admin starts it. act: move the nodes of a lost one.',
    ),
  members: z
    .record(nameSchema, memberSchema)
    .describe(
      'It names the service nodes as xCAT does, such as `sn1: {address: 10.1.0.31, pools: [rack1]}`.',
    ),
  probes: probesSchema.prefault({}).describe('How they are probed, and when one is down.'),
  moves: movesSchema.prefault({}).describe('How nodes are moved.'),
});

export const serviceNodesSchema: z.ZodType<ServiceNodesText> = schema;

/** The kinds that are made at a member: `interface` only where there is one to be pinged. */
export const kindsOf = (text: ServiceNodesText, member: ServiceNodeText): readonly ProbeKind[] =>
  [...new Set(member.probes ?? text.probes.kinds)].filter(
    (kind) => kind !== 'interface' || member.nodeAddress !== undefined,
  );

export const serviceNodesOf = (text: ServiceNodesText): ServiceNodesSettings => {
  const { probes, moves } = text;
  return {
    mode: text.mode,
    members: Object.entries(text.members).map(([name, member]) => ({
      name: serviceNodeId(name),
      address: member.address,
      nodeAddress: member.nodeAddress,
      xcatmaster: member.xcatmaster,
      pools: member.pools,
      capacity: member.capacity,
      probes: kindsOf(text, member),
      isInMaintenance: member.maintenance,
    })),
    judge: {
      everyMs: probes.every,
      limitMs: probes.limit,
      failures: probes.failures,
      samples: probes.samples,
      kinds: probes.failingKinds,
      recover: probes.recover,
      most: probes.most / 100,
      flaps: probes.flaps,
      flapWithinMs: probes.flapWindow,
    },
    moves: {
      batch: moves.batch,
      atOnce: moves.atOnce,
      limitMs: moves.limit,
      pauseMs: moves.pause,
      soakMs: moves.soak,
      tries: moves.tries,
      databaseOnly: moves.databaseOnly,
      failbackSoakMs: moves.failbackSoak,
    },
  };
};
