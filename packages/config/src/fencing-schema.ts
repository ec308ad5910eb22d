import { type FencingSettings, nodeId, type Timings } from '@hamn/core';
import { z } from 'zod';
import { nameSchema, nodeNameSchema, pathSchema } from './fields.ts';
import { anyDurationMsSchema, durationMsSchema, optionalDurationMsSchema } from './quantities.ts';

/** The section `fencing` as it is written, with every default filled in but that of `after`, which follows from the timings. */
export interface FencingText {
  readonly mode: FencingSettings['mode'];
  readonly after?: number | undefined;
  readonly checkEvery: number;
  readonly devices: Readonly<Record<string, DeviceText>>;
  readonly nodes: Readonly<Record<string, FencedNodeText>>;
}

export interface DeviceText {
  readonly agent: string;
  readonly options: FencingSettings['devices'][number]['options'];
  readonly timeout: number;
  readonly retries: number;
}

export interface FencedNodeText {
  readonly action: 'off' | 'reboot';
  readonly delay: number;
  readonly levels: readonly (readonly StepText[])[];
}

export interface StepText {
  readonly device: string;
  readonly plug?: string | undefined;
}

const agentError = 'It must be the name of an installed fence agent, such as fence_ipmilan.';

const optionSchema = z.union(
  [
    z.string(),
    z.number().transform(String),
    // Agents read words; fencing.py knows 1 and 0.
    z.boolean().transform((value) => (value ? '1' : '0')),
    z.strictObject({ file: pathSchema }),
  ],
  { error: 'It must be a text, a number, true, false, or {file: PATH} with the absolute path of a secret.' },
);

const retriesError = 'It must be a whole number from 0 to 10.';

const deviceSchema = z.strictObject({
  agent: z
    .string({ error: agentError })
    .regex(/^fence_[a-z0-9_]+$/, { error: agentError })
    .describe('It is the fence agent that talks to the device, such as fence_ipmilan.'),
  options: z
    .record(z.string(), optionSchema)
    .default({})
    .describe('What the agent is told, by its own names (fence_… -o metadata); a secret is {file: PATH}.'),
  timeout: durationMsSchema('20s').describe('The limit of one run of the agent.'),
  retries: z
    .int({ error: retriesError })
    .min(0, { error: retriesError })
    .max(10, { error: retriesError })
    .default(1)
    .describe('Further runs after one that failed.'),
});

const stepSchema: z.ZodType<StepText> = z.union(
  [
    z.string().transform((device) => ({ device })),
    z.strictObject({
      device: z.string(),
      plug: z.union([z.string().min(1), z.number().transform(String)]).optional(),
    }),
  ],
  { error: 'It must be the name of a device, or {device: NAME, plug: TEXT}.' },
);

const nodeSchema = z.strictObject({
  action: z
    .enum(['off', 'reboot'])
    .default('reboot')
    .describe('reboot: it is switched on again after it was seen to be off.'),
  delay: anyDurationMsSchema('0s').describe('Waited before its first device is used.'),
  levels: z
    .array(z.array(stepSchema).min(1, { error: 'A level names at least one device.' }))
    .min(1, { error: 'Name at least one level of devices, such as `levels: [[bmc-mn1]]`.' })
    .describe(
      'It lists levels that are tried in order, such as [[bmc-mn1], [pdu-a, pdu-b]]; a level succeeds when all its devices say off.',
    ),
});

const schema = z.strictObject({
  mode: z
    .enum(['manual', 'automatic', 'required'])
    .default('automatic')
    .describe(
      'manual: only by `hamnctl fence`. automatic: a candidate fences a silent primary and need not wait for T. required: nobody takes over without a confirmed fence.',
    ),
  after: optionalDurationMsSchema().describe(
    'Silence of the primary after which it is fenced; its own deadline where it is not given.',
  ),
  checkEvery: durationMsSchema('5min').describe('How often each node asks the devices for their status.'),
  devices: z
    .record(nameSchema, deviceSchema)
    .describe('It names the devices that switch nodes, such as `bmc-mn1:`.'),
  nodes: z.record(nodeNameSchema, nodeSchema).describe('It names the nodes that can be fenced, and by what.'),
});

export const fencingSchema: z.ZodType<FencingText> = schema;

/** The primary's own deadline: before it, it may still be acknowledging writes, and is not really lost. */
export const afterMsOf = ({ after }: FencingText, { termMs, marginMs }: Timings): number =>
  after ?? termMs - marginMs;

export const fencingOf = (text: FencingText, timings: Timings): FencingSettings => ({
  mode: text.mode,
  afterMs: afterMsOf(text, timings),
  checkEveryMs: text.checkEvery,
  devices: Object.entries(text.devices).map(([name, { timeout, ...device }]) => ({
    name,
    ...device,
    timeoutMs: timeout,
  })),
  nodes: Object.entries(text.nodes).map(([name, { delay, levels, ...node }]) => ({
    node: nodeId(name),
    ...node,
    delayMs: delay,
    levels: levels.map((level) => level.map(({ device, plug }) => ({ device, plug }))),
  })),
});
