import type { PostgresSettings, ProfileName } from '@hamn/core';
import { z } from 'zod';
import { readCidr } from './addresses.ts';
import { type FencingText, fencingSchema } from './fencing-schema.ts';
import { hostAddressSchema, nameSchema, nodeNameSchema, portSchema, unitSchema } from './fields.ts';
import { postgresSchema, restartFields } from './postgres-schema.ts';
import { durationMsSchema } from './quantities.ts';
import { type ResourceText, resourceSchema } from './resources-schema.ts';
import { type ServiceNodesText, serviceNodesSchema } from './service-nodes-schema.ts';
import { type HostFamily, hostFamilies } from './xcat-preset.ts';

/** The cluster's settings as they are written, with every default filled in, before the checks across them. */
export interface ClusterText {
  readonly version: 1;
  readonly profile: ProfileName;
  readonly timings: {
    readonly termMs?: number | undefined;
    readonly intervalMs?: number | undefined;
    readonly requestMs?: number | undefined;
    readonly marginMs?: number | undefined;
    readonly observeMs?: number | undefined;
  };
  readonly nodes: Readonly<Record<string, NodeText>>;
  readonly fencing?: FencingText | undefined;
  readonly groups: Readonly<Record<string, GroupText>>;
}

export interface NodeText {
  readonly address: string;
  readonly role: 'data' | 'witness';
  readonly priority: number;
  readonly nofailover?: boolean | undefined;
  readonly nosync?: boolean | undefined;
  readonly clonefrom?: boolean | undefined;
  readonly replicatefrom?: string | undefined;
  readonly apiPort: number;
}

export interface GroupText {
  /** The nodes of the group; of one group alone it may be left out, which means all that no other group names. */
  readonly nodes?: readonly string[] | undefined;
  readonly failover: 'automatic' | 'manual';
  readonly vips: readonly VipText[];
  readonly postgres?: PostgresSettings | undefined;
  readonly services: readonly ServiceText[];
  readonly preset?: 'xcat' | undefined;
  readonly family?: HostFamily | undefined;
  /** By name, over what the preset, `vips`, `postgres` and `services` say. */
  readonly resources?: Readonly<Record<string, ResourceText>> | undefined;
  readonly serviceNodes?: ServiceNodesText | undefined;
}

export interface VipText {
  readonly address: string;
  readonly interface: string;
  /** The network that the VIP belongs to, where that is not the nodes' own. */
  readonly subnet?: string | undefined;
}

export interface ServiceText {
  readonly name: string;
  readonly unit?: string | undefined;
  readonly after: readonly string[];
  readonly startTimeout: number;
  readonly stopTimeout: number;
  readonly restarts: number;
  readonly restartWindow: number;
  readonly onFailure: 'degrade' | 'failover' | 'ignore';
}

const milliseconds = z
  .number({ error: 'It must be a number of milliseconds above 0.' })
  .positive({ error: 'It must be a number of milliseconds above 0.' })
  .max(3_600_000, { error: 'It must be at most an hour (3600000 ms).' });

const cidrError = 'It must be an address with its prefix length, such as 10.1.0.223/24 or fd99::10/64.';
const cidrSchema = z
  .string({ error: cidrError })
  .refine((text) => readCidr(text) !== undefined, { error: cidrError });

// Source: dev_valid_name() of the Linux kernel; ':' is taken by old labels.
const interfaceSchema = z
  .string({ error: 'It must be the name of a network interface, such as eth0.' })
  .regex(/^(?!\.{1,2}$)[^\s/:]{1,15}$/, {
    error: "The name of an interface has 1 to 15 characters and no space, '/' or ':'.",
  });

const nodeSchema = z.strictObject({
  address: hostAddressSchema.describe('It is how the other nodes reach this one: an address, never a VIP.'),
  role: z.enum(['data', 'witness']).default('data').describe('witness: a vote in etcd and nothing else.'),
  priority: z
    .int({ error: 'It must be a whole number from 0 (never leads) to 1000.' })
    .min(0, { error: 'It must be a whole number from 0 (never leads) to 1000.' })
    .max(1000, { error: 'It must be a whole number from 0 (never leads) to 1000.' })
    .default(100)
    .describe('Of candidates that are otherwise equal the higher one leads; 0 never leads.'),
  nofailover: z
    .boolean({ error: 'It must be true or false.' })
    .optional()
    .describe('true: the node keeps a copy and never leads, as with `priority: 0`.'),
  nosync: z
    .boolean({ error: 'It must be true or false.' })
    .optional()
    .describe('true: no commit waits for the node, so by itself it takes over in mode asynchronous only.'),
  clonefrom: z
    .boolean({ error: 'It must be true or false.' })
    .optional()
    .describe(
      'true: while the node streams and has nearly all, other nodes are cloned from it, which spares the primary’s disks.',
    ),
  replicatefrom: nodeNameSchema
    .optional()
    .describe(
      'The standby that the node receives from, rather than from the primary; while that one is away it receives from the primary. No commit waits for the node.',
    ),
  apiPort: portSchema(7443).describe("The port of the node's API."),
});

const vipSchema = z.strictObject({
  address: cidrSchema.describe('It is the virtual address with its prefix length, such as 10.1.0.223/24.'),
  interface: interfaceSchema.describe('It is the network interface that carries the VIP, such as eth0.'),
  subnet: cidrSchema.optional().describe("The VIP's network, where the nodes' own addresses are in another."),
});

const serviceSchema = z.strictObject({
  name: nameSchema.describe('It is what the service is called here.'),
  unit: unitSchema.optional().describe('The systemd unit; <name>.service where it is not given.'),
  after: z.array(nameSchema).default([]).describe('Services that must be active first.'),
  startTimeout: durationMsSchema('30s').describe('The limit of a start.'),
  stopTimeout: durationMsSchema('30s').describe('The limit of a stop; after it the unit is killed.'),
  ...restartFields,
  onFailure: z
    .enum(['degrade', 'failover', 'ignore'])
    .default('degrade')
    .describe('What follows when the restarts are used up.'),
});

const groupSchema = z.strictObject({
  nodes: z
    .array(nodeNameSchema)
    .min(1, {
      error: 'At least one node is needed. Without `nodes` the group has all that no other group names.',
    })
    .optional()
    .describe(
      'The nodes of the group. One group may leave it out: it has all nodes that no other group names. A node is in one group.',
    ),
  failover: z
    .enum(['automatic', 'manual'])
    .default('automatic')
    .describe('manual: hamn reports, an admin says `hamnctl failover`.'),
  vips: z.array(vipSchema).default([]).describe('Virtual addresses that follow the primary.'),
  postgres: postgresSchema.optional().describe('The database of the group, if it has one.'),
  services: z.array(serviceSchema).default([]).describe('Services that run on the primary.'),
  preset: z
    .enum(['xcat'])
    .optional()
    .describe(
      'xcat: the resources of an xCAT management node; each line can be changed or removed below `resources`.',
    ),
  family: z
    .enum(hostFamilies)
    .optional()
    .describe(
      'Only the names that units have there: Debian and Ubuntu, RHEL and its kin, or SLES. Without it each node takes the name that its systemd knows.',
    ),
  resources: z
    .record(nameSchema, resourceSchema)
    .optional()
    .describe('What is started and stopped with the role, by name; see docs/resources.md.'),
  serviceNodes: serviceNodesSchema
    .optional()
    .describe('xCAT’s service nodes that the primary probes, and whose nodes it moves when one is lost.'),
});

const schema = z.strictObject({
  version: z
    .literal(1, { error: 'This hamn reads settings of version 1.' })
    .describe('It is the version of this format: write `version: 1`.'),
  profile: z.enum(['fast', 'default', 'patient']).default('default').describe('A set of timings.'),
  timings: z
    .strictObject({
      termMs: milliseconds
        .optional()
        .describe('T: how long everybody waits after the last sign of the primary.'),
      intervalMs: milliseconds.optional().describe('How often the primary renews.'),
      requestMs: milliseconds.optional().describe('The limit of one request.'),
      marginMs: milliseconds.optional().describe('What is kept free before T ends.'),
      observeMs: milliseconds
        .optional()
        .describe('The limit of one look at PostgreSQL, systemd or the kernel; a slow machine needs more.'),
    })
    .default({})
    .describe("Single timings instead of the profile's."),
  nodes: z
    .record(nodeNameSchema, nodeSchema)
    .describe('It names every node of the cluster with its address, such as `mn1: {address: 10.1.0.221}`.'),
  fencing: fencingSchema
    .optional()
    .describe('How nodes are switched off from outside; without it a silent primary is only waited for.'),
  groups: z
    .record(nameSchema, groupSchema)
    .describe('It names the groups of resources that move together, such as `mn:`.'),
});

export const clusterSchema: z.ZodType<ClusterText> = schema;

export const unitOf = (service: ServiceText): string => service.unit ?? `${service.name}.service`;
