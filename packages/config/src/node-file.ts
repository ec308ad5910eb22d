import { type NodeId, nodeId } from '@hamn/core';
import { z } from 'zod';
import { hostAddressSchema, nameSchema, nodeNameSchema, pathSchema, portSchema } from './fields.ts';
import { badConfig, type ConfigIssue, type ConfigResult } from './issues.ts';
import { schemaIssues } from './schema-issues.ts';
import { readSource } from './source.ts';

/** Where a node's own file is, when nobody says otherwise. */
export const defaultNodeFile = '/etc/hamn/hamn.yaml';

/** The group of a node file that names none: the management node's. */
export const usualGroup = 'mn';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** `/etc/hamn/hamn.yaml`: who this node is, and how it reaches the cluster. Everything else lives in etcd. */
export interface NodeFile {
  readonly cluster: string;
  readonly node: NodeId;
  /** The group that this node is in: what hamnd looks after, and what hamnctl means where no `--group` is given. */
  readonly group: string;
  readonly role: 'data' | 'witness';
  /** How the other nodes reach this one; the same as in the cluster's settings. */
  readonly address: string;
  readonly etcd: { readonly endpoints: readonly string[] };
  /** Files in PEM form: the cluster's CA, and this node's certificate (for etcd, for other nodes and for the API). */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly api: {
    readonly port: number;
    /** Only this address; every address where it is not given. */
    readonly listen?: string | undefined;
  };
  /** The root-only socket that hamnctl talks to. */
  readonly socket: string;
  readonly guardSocket: string;
  readonly stateDirectory: string;
  readonly logLevel: LogLevel;
}

const endpointError =
  'It must be the URL of an etcd endpoint: https, host and port alone, such as https://10.1.0.221:2379.';

const endpointSchema = z
  .string({ error: endpointError })
  .regex(/^https:\/\/(?:\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):(?:[1-9]\d{0,4})\/?$/, { error: endpointError })
  .transform((url) => url.replace(/\/$/, ''));

const tlsDefaults = {
  ca: '/etc/hamn/tls/ca.crt',
  cert: '/etc/hamn/tls/node.crt',
  key: '/etc/hamn/tls/node.key',
};

const schema = z.strictObject({
  cluster: nameSchema.describe('The name of the cluster, the same on all nodes.'),
  node: nodeNameSchema.describe(
    "The name of this node, as in the cluster's settings and in its certificate.",
  ),
  group: nameSchema.default(usualGroup).describe("The group of the cluster's settings that this node is in."),
  role: z
    .enum(['data', 'witness'])
    .default('data')
    .describe('data: runs PostgreSQL and may lead. witness: votes in etcd and runs nothing else.'),
  address: hostAddressSchema.describe('The address at which the other nodes reach this one; never a VIP.'),
  etcd: z
    .strictObject({
      endpoints: z
        .array(endpointSchema)
        .min(1, { error: 'At least one endpoint is needed.' })
        .describe("The endpoints of etcd, this node's own first, such as [https://10.1.0.221:2379]."),
    })
    .describe('How etcd is reached: endpoints, a list of https URLs.'),
  tls: z
    .strictObject({
      ca: pathSchema.default(tlsDefaults.ca).describe("The certificate of the cluster's CA."),
      cert: pathSchema.default(tlsDefaults.cert).describe("This node's certificate."),
      key: pathSchema.default(tlsDefaults.key).describe("This node's private key, readable by root only."),
    })
    .default(tlsDefaults)
    .describe('Certificates, as `hamnctl certs` makes them.'),
  api: z
    .strictObject({
      port: portSchema(7443).describe('The port of the API and of the other nodes.'),
      listen: hostAddressSchema.optional().describe('Listen on this address only.'),
    })
    .default({ port: 7443 })
    .describe('The HTTPS API.'),
  socket: pathSchema.default('/run/hamn/hamnd.sock').describe('The socket of hamnd for hamnctl.'),
  guardSocket: pathSchema.default('/run/hamn/guard.sock').describe('The socket of hamn-guard.'),
  stateDirectory: pathSchema.default('/var/lib/hamn').describe('Where hamnd keeps files of its own.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('What is logged.'),
});

/** The schema for documents; `readNodeFile` is the reader. */
export const nodeFileSchema: z.ZodType = schema;

/** Reads a node file. Errors: `bad-config`, one issue with line and column for each thing that is wrong. */
export function readNodeFile(text: string, fileName: string): ConfigResult<NodeFile> {
  const source = readSource(text);
  if (!source.ok) return badConfig(fileName, source.issues);
  const parsed = schema.safeParse(source.value.data);
  if (!parsed.success) return badConfig(fileName, schemaIssues(parsed.error, schema, source.value));
  const { endpoints } = parsed.data.etcd;
  const twice = endpoints.findIndex((endpoint, index) => endpoints.indexOf(endpoint) !== index);
  if (twice >= 0) {
    const path = ['etcd', 'endpoints', twice];
    const issue: ConfigIssue = {
      severity: 'error',
      path,
      ...source.value.place(path),
      value: endpoints[twice],
      message: `'${endpoints[twice] ?? ''}' stands here for the second time. Remove one of the two.`,
    };
    return badConfig(fileName, [issue]);
  }
  return { ok: true, value: { ...parsed.data, node: nodeId(parsed.data.node) }, warnings: [] };
}
