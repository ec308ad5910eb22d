import { defaultSlotAbsenceMs, defaultSlotFreeBytes, type PostgresSettings } from '@hamn/core';
import { z } from 'zod';
import { pathSchema, portSchema, unitSchema } from './fields.ts';
import { type PostgresPlaces, placesOf, postgresLayouts } from './postgres-layouts.ts';
import { parametersSchema } from './postgres-parameters-schema.ts';
import { tlsOf, tlsSchema } from './postgres-tls-schema.ts';
import { bytesSchema, daysMsSchema, durationMsSchema } from './quantities.ts';

const count = (preset: number, text: string): z.ZodType<number> =>
  z
    .int({ error: 'It must be a whole number from 0 to 100.' })
    .min(0, { error: 'It must be a whole number from 0 to 100.' })
    .max(100, { error: 'It must be a whole number from 0 to 100.' })
    .default(preset)
    .describe(text);

/** How often a service or server is restarted in place, and what counts as one series. */
export const restartFields: {
  readonly restarts: z.ZodType<number>;
  readonly restartWindow: z.ZodType<number>;
} = {
  restarts: count(3, 'How often it is restarted in place within the window.'),
  restartWindow: durationMsSchema('5min').describe('The window in which restarts are counted.'),
};

const fields = z.strictObject({
  version: z
    .int({ error: 'It must be the major version as a number, such as 15.' })
    .min(13, { error: 'PostgreSQL 13 is the oldest that hamn runs with.' })
    .max(99, { error: 'It must be the major version as a number, such as 15.' })
    .optional()
    .describe('The major version, such as 15: unit and directories follow from it and from `layout`.'),
  layout: z
    .enum(postgresLayouts)
    .default('debian')
    .describe(
      "Whose package PostgreSQL comes from: Debian or Ubuntu, RHEL's own, PGDG's for RHEL, or SLES. Places that are written below count before it.",
    ),
  instance: z
    .string({ error: "It must be the name of Debian's PostgreSQL cluster, such as main." })
    .regex(/^[A-Za-z0-9_]+$/, { error: "It must be the name of Debian's PostgreSQL cluster, such as main." })
    .default('main')
    .describe("Debian's name of the PostgreSQL cluster."),
  mode: z
    .enum(['asynchronous', 'synchronous', 'strict', 'quorum'])
    .default('synchronous')
    .describe(
      'synchronous: loses nothing, degrades while no standby is there. strict: never degrades. quorum: a commit waits for any `quorum` of the standbys; needs three data nodes that may lead.',
    ),
  quorum: z
    .int({ error: 'It must be a whole number from 1 to 10.' })
    .min(1, { error: 'It must be a whole number from 1 to 10.' })
    .max(10, { error: 'It must be a whole number from 1 to 10.' })
    .optional()
    .describe(
      'Mode quorum: on how many standbys a write must be before it is acknowledged. 1 where it is not given.',
    ),
  maxLagBytes: bytesSchema('16MB').describe(
    'Asynchronous mode: a standby further behind is not promoted by itself.',
  ),
  unit: unitSchema.optional().describe("The distribution's unit."),
  dataDirectory: pathSchema.optional().describe('The data directory.'),
  includeDirectory: pathSchema
    .optional()
    .describe("The directory of hamn's own file hamn.conf, which postgresql.conf includes."),
  binDirectory: pathSchema.optional().describe('Where pg_rewind and pg_basebackup are.'),
  port: portSchema(5432).describe('The port that PostgreSQL listens on.'),
  user: z
    .string({ error: 'It must be the name of a role in PostgreSQL.' })
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, { error: 'It must be the plain name of a role in PostgreSQL.' })
    .default('hamn')
    .describe('A superuser role with LOGIN and REPLICATION.'),
  passwordFile: pathSchema
    .default('/etc/hamn/postgres.password')
    .describe("A file, readable by root only, with that role's password."),
  osUser: z
    .string({ error: 'It must be the name of a user of the operating system.' })
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: 'It must be the name of a user of the operating system.' })
    .default('postgres')
    .describe('The user of the operating system that PostgreSQL runs as.'),
  tls: tlsSchema
    .optional()
    .describe(
      'TLS between the nodes’ databases; without it a server that offers TLS is used with it for replication, and nobody’s certificate is checked.',
    ),
  parameters: parametersSchema
    .default({})
    .describe(
      'Settings of PostgreSQL’s own for every node, such as `work_mem: 64MB`; `hamnctl pg config set` changes them.',
    ),
  startTimeout: durationMsSchema('60s').describe('The limit of a start.'),
  stopTimeout: durationMsSchema('30s').describe('The limit of a stop; after it the server is killed.'),
  promoteTimeout: durationMsSchema('30s').describe('The limit of a promotion.'),
  keepDiverged: daysMsSchema('7d').describe(
    'How long the WAL of what only this node had committed is kept after a rewind or clone took it away.',
  ),
  switchoverLag: bytesSchema('1MB').describe(
    'A switchover stops nothing before the target lacks at most this much WAL, flushed and replayed.',
  ),
  switchoverWait: durationMsSchema('30s').describe(
    'How long a switchover waits for that; then it is refused, and nothing was stopped.',
  ),
  switchoverStop: durationMsSchema('10s').describe(
    'How long a switchover or a restart in place waits for a fast stop before PostgreSQL is stopped at once.',
  ),
  slotAbsence: durationMsSchema(`${defaultSlotAbsenceMs / 3_600_000}h`).describe(
    'How long the replication slot of an absent node is kept; max_slot_wal_keep_size bounds what it keeps.',
  ),
  slotFree: bytesSchema(`${defaultSlotFreeBytes / 1024 ** 3}GB`).describe(
    'With less free space where pg_wal is, the replication slots that nobody uses are given up.',
  ),
  ...restartFields,
  onCrash: z
    .enum(['restart', 'failover', 'faster'], {
      error: 'It must be restart (in place), failover (to a node that can), or faster.',
    })
    .default('faster')
    .describe(
      'After a crash of the primary: restart in place, failover, or faster: in place unless more than 256 MB of WAL must be replayed and a standby has everything.',
    ),
  storageTimeout: durationMsSchema('10s').describe(
    'A write that has not come back for this long: the storage hangs, and the role goes to a node that can.',
  ),
});

/** `postgres:` of a group, as core wants it. */
export const postgresSchema: z.ZodType<PostgresSettings> = fields.transform((given, context) => {
  const places = layoutOf(given);
  const unit = given.unit ?? places?.unit;
  const dataDirectory = given.dataDirectory ?? places?.dataDirectory;
  const includeDirectory = given.includeDirectory ?? places?.includeDirectory;
  const binDirectory = given.binDirectory ?? places?.binDirectory;
  if (
    unit === undefined ||
    dataDirectory === undefined ||
    includeDirectory === undefined ||
    binDirectory === undefined
  ) {
    context.addIssue(
      'Say which PostgreSQL it is: `version: 15` (everything follows in the layout of Debian; write `layout` for that of rhel, rhel-pgdg or sles), or unit, dataDirectory, includeDirectory and binDirectory. `hamnctl pg discover` finds them.',
    );
    return z.NEVER;
  }
  const { mode, quorum, maxLagBytes, port, user, passwordFile, osUser, restarts, parameters } = given;
  return {
    mode,
    ...(quorum === undefined ? {} : { quorum }),
    maxLagBytes,
    unit,
    dataDirectory,
    includeDirectory,
    binDirectory,
    port,
    user,
    passwordFile,
    osUser,
    ...(given.tls === undefined ? {} : { tls: tlsOf(given.tls) }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    startTimeoutMs: given.startTimeout,
    stopTimeoutMs: given.stopTimeout,
    promoteTimeoutMs: given.promoteTimeout,
    keepDivergedMs: given.keepDiverged,
    restarts,
    restartWindowMs: given.restartWindow,
    handover: {
      maxLagBytes: given.switchoverLag,
      catchUpMs: given.switchoverWait,
      stopMs: given.switchoverStop,
    },
    slotAbsenceMs: given.slotAbsence,
    slotFreeBytes: given.slotFree,
    onCrash: given.onCrash,
    storageTimeoutMs: given.storageTimeout,
  };
});

/** RHEL's own package has one place for every version. */
function layoutOf(given: z.infer<typeof fields>): PostgresPlaces | undefined {
  const { layout, version, instance } = given;
  if (version === undefined && layout !== 'rhel') return undefined;
  return placesOf(layout, version ?? 0, instance);
}
