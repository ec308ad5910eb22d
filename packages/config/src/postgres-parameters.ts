/**
 * PostgreSQL's settings that an admin may not set through `postgres.parameters`, each with the reason. hamn keeps its promises with the first kind; the second
 * kind would break one, whatever the value or at certain values.
 */
const owned: Readonly<Record<string, string>> = {
  listen_addresses: 'The server must answer on the VIP before the VIP is there.',
  port: 'Write `postgres.port`.',
  cluster_name: 'It is the name of the node.',
  hot_standby: 'hamn asks a standby where it is.',
  wal_log_hints: 'pg_rewind needs it.',
  wal_sender_timeout: 'hamn lets a silent standby go in time.',
  wal_receiver_timeout: 'hamn has a standby connect again in time.',
  wal_receiver_status_interval: 'hamn wants to know where a standby is.',
  wal_retrieve_retry_interval: 'hamn has a standby connect again in time.',
  primary_conninfo: 'It names the primary, which hamn knows.',
  primary_slot_name: 'It is the slot that hamn keeps for the node.',
  synchronous_standby_names:
    'Only hamn can change it without losing acknowledged writes; write `postgres.mode`.',
  data_directory: 'Write `postgres.dataDirectory`.',
  config_file: 'It says where the file itself is.',
  hba_file: 'The distribution’s unit knows where it is.',
  ident_file: 'The distribution’s unit knows where it is.',
  external_pid_file: 'The distribution’s unit knows where it is.',
  unix_socket_directories:
    'Each node’s own programs know where the socket is; write it into postgresql.conf.',
  include: 'It is no setting of the server.',
  include_dir: 'It is no setting of the server.',
  include_if_exists: 'It is no setting of the server.',
  promote_trigger_file: 'Only hamn promotes.',
  archive_cleanup_command: 'It would act on a standby that becomes primary; write it into postgresql.conf.',
  fsync: 'A power cut could destroy the database.',
  full_page_writes: 'A power cut could destroy the database, and pg_rewind needs it.',
  zero_damaged_pages: 'It destroys data.',
  ignore_checksum_failure: 'It hides damage.',
  ignore_invalid_pages: 'It hides damage.',
  allow_in_place_tablespaces: 'hamn does not copy such tablespaces.',
};

/** Why an admin may not set this parameter to this value, a sentence with the remedy; undefined where hamn has nothing against it. */
export function againstParameter(name: string, value: string): string | undefined {
  const reason = owned[name];
  if (reason !== undefined) return `hamn sets ${name} itself or needs it as it is. ${reason}`;
  if (name.startsWith('recovery_')) return `${name} belongs to recovery, which hamn leads. Take it out.`;
  if (
    name === 'synchronous_commit' &&
    !['on', 'remote_apply', 'true', 'yes', '1'].includes(value.toLowerCase())
  )
    return `With synchronous_commit = ${value} a commit would be acknowledged before a standby has it on its disk. on and remote_apply are allowed.`;
  if (name === 'wal_level' && !['replica', 'logical'].includes(value.toLowerCase()))
    return `With wal_level = ${value} there is nothing to replicate. replica and logical are allowed.`;
  if (/[\n\r\0]/.test(value)) return `The value of ${name} must be one line.`;
  return undefined;
}

/** PostgreSQL's names: letters, digits and underscores; a dot separates the name of an extension. */
export const parameterName: RegExp = /^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)*$/;
