import { resourceKindNames, type UnitQuestion, unitQuestions } from '@hamn/core';
import { z } from 'zod';
import { readCidr } from './addresses.ts';
import { nameSchema, pathSchema } from './fields.ts';
import { optionalBytesSchema, optionalDurationMsSchema } from './quantities.ts';

/**
 * One line of `resources:` as it is written. Nothing has a default here: a line may change a few settings of what the preset, `vips:` or
 * `postgres:` say already. Which settings a kind has is checked after that.
 */
export interface ResourceText {
  readonly kind?: (typeof resourceKindNames)[number] | undefined;
  readonly remove?: boolean | undefined;
  readonly runs?: 'primary' | 'standby' | 'all' | undefined;
  readonly after?: readonly string[] | undefined;
  readonly startTimeout?: number | undefined;
  readonly stopTimeout?: number | undefined;
  readonly monitorTimeout?: number | undefined;
  readonly promoteTimeout?: number | undefined;
  readonly demoteTimeout?: number | undefined;
  readonly monitorEvery?: number | undefined;
  readonly depth?: 'shallow' | 'deep' | undefined;
  readonly confirm?: number | undefined;
  readonly confirmAfter?: number | undefined;
  readonly restarts?: number | undefined;
  readonly restartWindow?: number | undefined;
  readonly onFailure?: 'failover' | 'degrade' | 'ignore' | undefined;
  readonly unfenced?: boolean | undefined;
  readonly address?: string | undefined;
  readonly interface?: string | undefined;
  /** Several: other names for one service, of which each node has one. */
  readonly unit?: string | readonly string[] | undefined;
  readonly ports?: readonly string[] | undefined;
  readonly probe?: readonly string[] | undefined;
  readonly ask?: UnitQuestion | undefined;
  readonly askAt?: readonly string[] | undefined;
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  readonly type?: string | undefined;
  readonly options?: readonly string[] | undefined;
  readonly resource?: string | undefined;
  readonly device?: string | undefined;
  readonly path?: string | undefined;
  readonly to?: string | undefined;
  readonly onPrimary?: string | undefined;
  readonly elsewhere?: string | undefined;
  readonly template?: string | undefined;
  readonly file?: string | undefined;
  readonly values?: Readonly<Record<string, string>> | undefined;
  readonly valuesOf?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly changed?: readonly string[] | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly list?: 'xcat' | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly port?: number | undefined;
  readonly compareEvery?: number | undefined;
  readonly bandwidth?: number | undefined;
  readonly command?: readonly string[] | undefined;
  readonly commands?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly unitOf?: string | undefined;
  readonly start?: readonly string[] | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly monitor?: readonly string[] | undefined;
  readonly agent?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly promotable?: boolean | undefined;
  readonly carries?: boolean | undefined;
  readonly exclusive?: boolean | undefined;
}

const yesNo = (text: string) => z.boolean({ error: 'It must be true or false.' }).optional().describe(text);

const count = (from: number, text: string) => {
  const error = `It must be a whole number from ${from} to 100.`;
  return z.int({ error }).min(from, { error }).max(100, { error }).optional().describe(text);
};

const limit = (text: string) => optionalDurationMsSchema().describe(text);

const commandError =
  "It must be a list: the program's absolute path, then its arguments, such as [/usr/bin/touch, /run/ready].";

/** A program is named by its whole path: nobody's PATH decides what root runs. */
const words = z
  .array(z.union([z.string(), z.number().transform(String)]), { error: commandError })
  .refine(([program]) => program !== undefined && /^\/(?!.*\/\.\.(?:\/|$))./.test(program), {
    error: commandError,
  });

const command = (text: string) => words.optional().describe(text);

const unitError =
  'It must be the full name of a systemd unit, such as xcatd.service, tftp.socket or nfs-server.service.';
const unitName = z
  .string({ error: unitError })
  .regex(/^[A-Za-z0-9:_.\\@-]+\.(service|socket|target|timer|path)$/, { error: unitError });
const portError = 'It must be a protocol and a port, such as tcp/3001 or udp/67.';
const agentError = 'It must be ocf:PROVIDER:AGENT, such as ocf:heartbeat:Filesystem.';

const portNumberError = 'A port is a whole number from 1 to 65535.';
const excludeError =
  "It must be a name or a pattern of names such as *.lock, without '/', or an absolute path without a pattern.";

const excludeSchema = z
  .string({ error: excludeError })
  .refine(
    (text) =>
      /^[^/\0\n[\]\\]+$/.test(text) ||
      (/^\//.test(text) && pathSchema.safeParse(text).success && !/[*?[\]\\]/.test(text)),
    { error: excludeError },
  );

const isPort = (text: string): boolean => {
  const [, port = ''] = /^(?:tcp|udp)\/(\d{1,5})$/.exec(text) ?? [];
  return Number(port) >= 1 && Number(port) <= 65_535;
};

const valueNameError =
  "The name of a value has letters, digits and '_', and is not node, group, primary or standby.";
const valuesSchema = z.record(
  z.string().regex(/^(?!(?:node|group|primary|standby)$)[A-Za-z_]\w*$/, { error: valueNameError }),
  z.union([z.string(), z.number().transform(String)], { error: 'A value is a text or a number.' }),
);

const schema = z.strictObject({
  kind: z
    .enum(resourceKindNames)
    .optional()
    .describe('What it is; needed for a name that neither the preset nor `vips:` or `postgres:` has.'),
  remove: yesNo('true: the line of the preset with this name is taken away.'),
  runs: z
    .enum(['primary', 'standby', 'all'])
    .optional()
    .describe(
      'On which nodes; postgres, drbd, markers, templates and what is promotable on all, the rest on the primary.',
    ),
  after: z
    .array(nameSchema, { error: 'It must be a list of names, such as [xcatd, named].' })
    .optional()
    .describe('Names of resources that must be well first; `vip` and `postgres` mean all of that kind.'),
  startTimeout: limit('The limit of a start.'),
  stopTimeout: limit('The limit of a stop; then it is killed.'),
  monitorTimeout: limit('The limit of a look.'),
  promoteTimeout: limit('The limit of a promotion.'),
  demoteTimeout: limit('The limit of a demotion.'),
  monitorEvery: limit('From one look to the next.'),
  depth: z.enum(['shallow', 'deep']).optional().describe('deep: it must answer, not only run.'),
  confirm: count(1, 'Bad looks in a row that make a failure; one more where a look could not tell.'),
  confirmAfter: limit('From a bad look to the second one.'),
  restarts: count(0, 'How often it is restarted in place within the window; 3 where it is not given.'),
  restartWindow: limit('The window in which failures count; 5min where it is not given.'),
  onFailure: z
    .enum(['failover', 'degrade', 'ignore'])
    .optional()
    .describe(
      'What follows when the restarts are used up; failover for VIPs, the database and storage that one node alone may have, else degrade.',
    ),
  unfenced: yesNo('true: two nodes may destroy this storage, and the danger is accepted.'),
  address: z
    .string()
    .refine((text) => readCidr(text) !== undefined, {
      error: 'It must be an address with its prefix length, such as 10.1.0.223/24 or fd99::10/64.',
    })
    .optional()
    .describe('vip: the address with its prefix length.'),
  interface: z
    .string()
    .regex(/^(?!\.{1,2}$)[^\s/:]{1,15}$/, {
      error: "The name of an interface has 1 to 15 characters and no space, '/' or ':'.",
    })
    .optional()
    .describe('vip: the network interface.'),
  unit: z
    .union([unitName, z.array(unitName).min(1)], { error: unitError })
    .optional()
    .describe(
      'unit: the systemd unit, or a list of names of which each node takes the first that its systemd knows; <name>.service where it is not given.',
    ),
  ports: z
    .array(z.string({ error: portError }).refine(isPort, { error: portError }))
    .optional()
    .describe('unit: where it listens while it is well, such as tcp/3001 (depth deep).'),
  probe: command('unit: a program that ends with 0 while it answers (depth deep).'),
  ask: z
    .enum(unitQuestions)
    .optional()
    .describe(
      'unit: what hamn asks it (depth deep). xcatd: a request by TLS, and who answered; dns: a query.',
    ),
  askAt: z
    .array(z.union([z.ipv4(), z.ipv6()], { error: 'It must be an address, such as 10.1.0.223.' }))
    .optional()
    .describe('unit: where it is asked on the primary; at the VIPs where it is not given.'),
  source: z.string().min(1).optional().describe('mount: such as nas:/install or /dev/drbd0.'),
  target: pathSchema.optional().describe('mount: where it is mounted.'),
  type: z
    .string()
    .regex(/^[a-z0-9._]+$/, { error: 'It must be the type of a file system, such as nfs4 or xfs.' })
    .optional()
    .describe('mount: the type of the file system.'),
  options: z.array(z.string()).optional().describe('mount: its options.'),
  resource: nameSchema.optional().describe('drbd: its name in /etc/drbd.d; the own name if not given.'),
  device: pathSchema.optional().describe('drbd: its device, such as /dev/drbd0.'),
  path: pathSchema.optional().describe('link: where the link stands.'),
  to: pathSchema.optional().describe('link: where it points to.'),
  onPrimary: pathSchema.optional().describe('marker: the file that the primary has, such as /etc/xCATMN.'),
  elsewhere: pathSchema.optional().describe('marker: the file that every other node has in its place.'),
  template: pathSchema
    .optional()
    .describe(
      'template: the Mustache template, a file on each node, such as /etc/hamn/templates/range.conf.',
    ),
  file: pathSchema.optional().describe('template: the file that is made of it.'),
  values: valuesSchema.optional().describe('template: what it may name beside node, group and role.'),
  valuesOf: z
    .record(nameSchema, valuesSchema)
    .optional()
    .describe('template: what is another value on one node, by its name.'),
  changed: command('template: the program that tells whoever reads the file that it has changed.'),
  paths: z
    .array(pathSchema)
    .min(1, { error: 'It must list at least one path.' })
    .optional()
    .describe('sync: what is copied to the standbys; the last part may be a pattern such as id*.'),
  list: z
    .enum(['xcat'], { error: 'There is one list: xcat.' })
    .optional()
    .describe(
      'sync: xcat adds what an xCAT management node has beside its database and no command makes anew; hamnctl config show --expanded prints it.',
    ),
  exclude: z
    .array(excludeSchema)
    .optional()
    .describe(
      'sync: what each node keeps as its own: a name or pattern anywhere below the paths, or an absolute path; authorized_keys, authorized_keys2 and known_hosts where it is not given.',
    ),
  port: z
    .int({ error: portNumberError })
    .min(1, { error: portNumberError })
    .max(65_535, { error: portNumberError })
    .optional()
    .describe('sync: where each node receives (TCP); 7444 where it is not given.'),
  compareEvery: limit('sync: from one full comparison to the next; 15min where it is not given.'),
  bandwidth: optionalBytesSchema().describe('sync: bytes a second to one standby at most, such as 50MB.'),
  command: command('job: the program that runs once after each take-over.'),
  commands: z
    .record(unitName, words)
    .optional()
    .describe('job: a command for each name that the unit of `unitOf` may have, in place of `command`.'),
  unitOf: nameSchema
    .optional()
    .describe('job: the resource whose unit decides which of `commands` runs; where it is absent none does.'),
  start: command('exec: starts it.'),
  stop: command('exec: stops it.'),
  monitor: command('exec: ends with 0 while it runs, with 1, 3 or 7 when it does not.'),
  agent: z
    .string({ error: agentError })
    .regex(/^ocf:[A-Za-z0-9._-]+:[A-Za-z0-9._-]+$/, { error: agentError })
    .optional()
    .describe('ocf: the agent, such as ocf:heartbeat:Filesystem.'),
  parameters: z
    .record(z.string(), z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]))
    .optional()
    .describe("ocf: the agent's parameters."),
  promotable: yesNo('ocf: it is promoted on the primary.'),
  carries: yesNo('ocf: what comes after it works on it, as on a file system.'),
  exclusive: yesNo('ocf: two nodes that run it at one time destroy what it serves.'),
});

export const resourceSchema: z.ZodType<ResourceText> = schema;
