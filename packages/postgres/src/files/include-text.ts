import { type NodeId, nodeId } from '@hamn/core';
import type { Upstream } from '@hamn/engine';
import { above, type Capacities, readCapacities } from './capacities.ts';
import { quoteValue } from './config-tree.ts';
import type { Parameters } from './parameter-check.ts';
import { type NamesList, placeholderName, renderNames } from './synchronous-names.ts';
import type { LibpqTls } from './tls-files.ts';

/** What changes in hamn.conf from day to day. */
export interface IncludeState {
  readonly upstream: Upstream | undefined;
  /** These three are the synchronous names: see `NamesList`. */
  readonly synchronous: readonly NodeId[];
  readonly quorum?: number | undefined;
  readonly placeholder?: boolean | undefined;
  /** What the primary of this node's data had when this node was started as a standby. */
  readonly floors?: Capacities | undefined;
  /** A start after a crash syncs by file system: chosen before each start. */
  readonly syncsAtOnce?: boolean | undefined;
}

/** What follows from this machine and from the admin's own configuration. */
export interface IncludeBasis {
  readonly node: NodeId;
  readonly user: string;
  readonly passfile: string;
  readonly slot: string;
  readonly walLevel: 'replica' | 'logical';
  readonly walSenders: number;
  readonly replicationSlots: number;
  /** Undefined: the admin's own is at least as generous and stays. */
  readonly walKeepMegabytes: number | undefined;
  readonly slotKeepMegabytes: number | undefined;
  /** The admin says how a start after a crash syncs. */
  readonly hasOwnInitSync?: boolean | undefined;
  readonly tls?: LibpqTls | undefined;
  /** The cluster's own settings, those that this server takes. */
  readonly parameters?: Parameters | undefined;
  /** What a start would have of those that a standby needs as high as its primary. */
  readonly capacities?: Capacities | undefined;
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly why: string;
}

const stateMark = '# hamn-state: ';

/** The cluster's parameters come first, and what a standby needs for its primary stands in for one that is lower. */
export function includeSettings(state: IncludeState, basis: IncludeBasis): readonly Setting[] {
  const raised = Object.entries(above(state.floors ?? {}, basis.capacities ?? {})).map(([name, floor]) =>
    set(name, `${floor}`, 'The primary has this many: a standby with fewer would stop replaying.'),
  );
  const own = [...hamnSettings(state, basis), ...raised].reduce(
    (settings, setting) => settings.set(setting.name, setting),
    new Map<string, Setting>(),
  );
  const parameters = Object.entries(basis.parameters ?? {})
    .filter(([name]) => !own.has(name))
    .map(([name, value]) => set(name, value, 'From postgres.parameters of the cluster’s settings.'));
  return [...parameters, ...own.values()];
}

function hamnSettings(state: IncludeState, basis: IncludeBasis): readonly Setting[] {
  const list: (Setting | undefined)[] = [
    set(
      'listen_addresses',
      '*',
      'The VIP comes and goes: the server must answer on addresses it does not have yet.',
    ),
    set('cluster_name', basis.node, "The node's name, in the process list and in the log."),
    set('wal_level', basis.walLevel, 'Standbys replay the WAL.'),
    set('hot_standby', 'on', 'hamn asks a standby where it is.'),
    set('wal_log_hints', 'on', 'pg_rewind needs it where data checksums are off.'),
    set('max_wal_senders', `${basis.walSenders}`, "At least 10, and never below the admin's own."),
    set('max_replication_slots', `${basis.replicationSlots}`, 'One slot for each standby, and room.'),
    kept(
      'wal_keep_size',
      basis.walKeepMegabytes,
      'After a failover the other standbys find the WAL they still lack.',
    ),
    kept(
      'max_slot_wal_keep_size',
      basis.slotKeepMegabytes,
      'The slot of a standby that stays away keeps this much WAL and no more: the disk must not fill.',
    ),
    set('wal_sender_timeout', '5s', 'A standby that is silent this long is let go.'),
    set('wal_receiver_timeout', '5s', 'An upstream that is silent this long is connected to again.'),
    set(
      'wal_receiver_status_interval',
      '1s',
      'How often a standby reports where it is when nothing happens.',
    ),
    set('wal_retrieve_retry_interval', '100ms', 'How soon a standby tries its upstream again.'),
    set('recovery_target_timeline', 'latest', 'A standby follows a promotion of its upstream.'),
    state.syncsAtOnce === true && basis.hasOwnInitSync !== true
      ? set(
          'recovery_init_sync_method',
          'syncfs',
          'After a crash: faster than file by file, as little was waiting to be written.',
        )
      : undefined,
    set('primary_slot_name', basis.slot, 'The slot that its upstream keeps for this node.'),
    set('primary_conninfo', conninfo(state.upstream, basis), "The upstream's own address, never the VIP."),
    set(
      'synchronous_standby_names',
      renderNames(listOfState(state)),
      `${whoWaits(listOfState(state))} Changed by hamn only, in an order that keeps acknowledged writes.`,
    ),
  ];
  return list.filter((setting) => setting !== undefined);
}

const set = (name: string, value: string, why: string): Setting => ({ name, value, why });

const kept = (name: string, megabytes: number | undefined, why: string): Setting | undefined =>
  megabytes === undefined ? undefined : set(name, `${megabytes}MB`, why);

export function renderInclude(state: IncludeState, basis: IncludeBasis): string {
  const lines = includeSettings(state, basis).map(
    ({ name, value, why }) => `# ${why}\n${name} = ${quoteValue(value)}\n`,
  );
  return (
    `# Written by hamn; changes made here are lost. Your own settings belong in another file, and those below must not be set again after this one.\n` +
    `${stateMark}${JSON.stringify(state)}\n\n${lines.join('\n')}`
  );
}

/** The state in the text of a hamn.conf; nothing when it was never written or was edited beyond reading. */
export function readState(text: string): IncludeState {
  const nothing: IncludeState = { upstream: undefined, synchronous: [] };
  const line = text.split('\n').find((candidate) => candidate.startsWith(stateMark));
  if (line === undefined) return nothing;
  let value: unknown;
  try {
    value = JSON.parse(line.slice(stateMark.length));
  } catch {
    return nothing;
  }
  if (typeof value !== 'object' || value === null) return nothing;
  const upstream = 'upstream' in value ? readUpstream(value.upstream) : undefined;
  const names = 'synchronous' in value && Array.isArray(value.synchronous) ? value.synchronous : [];
  const floors = 'floors' in value ? { floors: readCapacities(value.floors) } : {};
  const quorum = 'quorum' in value && typeof value.quorum === 'number' ? { quorum: value.quorum } : {};
  const placeholder = 'placeholder' in value && value.placeholder === true ? { placeholder: true } : {};
  const sync = 'syncsAtOnce' in value && value.syncsAtOnce === true ? { syncsAtOnce: true } : {};
  return {
    upstream,
    synchronous: names.filter(isName).map(nodeId),
    ...quorum,
    ...placeholder,
    ...floors,
    ...sync,
  };
}

/** A node's name or an address. PostgreSQL's user may have written anything into its file, and hamn writes these into the next one as root. */
const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w.:-]+$/.test(value);

function readUpstream(value: unknown): Upstream | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('node' in value) || !('address' in value) || !('port' in value)) return undefined;
  const { node, address, port } = value;
  if (!isName(node) || !isName(address) || typeof port !== 'number') return undefined;
  return { node: nodeId(node), address, port };
}

export const listOfState = ({ synchronous, quorum, placeholder }: IncludeState): NamesList => ({
  names: synchronous,
  quorum,
  placeholder,
});

function whoWaits({ quorum, placeholder }: NamesList): string {
  const whom = quorum === undefined ? 'each of these' : `${quorum} of these`;
  const nobody = placeholder === true ? ` (but for '${placeholderName}', which stands for nobody)` : '';
  return `Every commit waits for ${whom}${nobody}.`;
}

function conninfo(upstream: Upstream | undefined, basis: IncludeBasis): string {
  if (upstream === undefined) return '';
  return connectionText(upstream, {
    user: basis.user,
    passfile: basis.passfile,
    applicationName: basis.node,
    tls: basis.tls,
  });
}

/** How this node's programs reach another node's server: a libpq connection string that notices a dead peer within seconds. */
export function connectionText(
  upstream: Upstream,
  options: {
    readonly user: string;
    readonly passfile: string;
    readonly applicationName: string;
    readonly database?: string;
    readonly tls?: LibpqTls | undefined;
  },
): string {
  const words: Readonly<Record<string, string | number>> = {
    ...hostWords(upstream, options.tls),
    port: upstream.port,
    user: options.user,
    ...(options.database === undefined ? {} : { dbname: options.database }),
    application_name: options.applicationName,
    passfile: options.passfile,
    connect_timeout: 2,
    keepalives: 1,
    keepalives_idle: 2,
    keepalives_interval: 1,
    keepalives_count: 3,
    tcp_user_timeout: 5000,
    ...tlsWords(options.tls),
  };
  return Object.entries(words)
    .map(([name, value]) => `${name}=${quoteWord(String(value))}`)
    .join(' ');
}

/** verify-full compares the certificate with `host`: the node's name, which every version of libpq can, before 15 not so an address. */
const hostWords = (upstream: Upstream, tls: LibpqTls | undefined): Readonly<Record<string, string>> =>
  tls?.mode === 'verify-full'
    ? { host: upstream.node, hostaddr: upstream.address }
    : { host: upstream.address };

/** Nothing where TLS is not set: libpq's own `prefer`. */
function tlsWords(tls: LibpqTls | undefined): Readonly<Record<string, string>> {
  if (tls === undefined) return {};
  return {
    sslmode: tls.mode === 'off' ? 'disable' : tls.mode,
    ...(tls.rootCert === undefined ? {} : { sslrootcert: tls.rootCert }),
    ...(tls.client === undefined ? {} : { sslcert: tls.client.cert, sslkey: tls.client.key }),
  };
}

/** libpq documentation, "Keyword/Value Connection Strings". */
const quoteWord = (text: string): string =>
  /^[\w.:/*-]+$/.test(text) ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
