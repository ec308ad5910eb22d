/** What /etc/xcat/cfgloc names: `Pg:dbname=xcatdb;host=10.1.0.223|xcatadm|password`, in one line. */
export interface Cfgloc {
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** @throws Error a sentence with the form that is expected */
export function parseCfgloc(text: string): Cfgloc {
  const match = /^Pg:([^|]*)\|([^|]*)\|([^\n]*)/.exec(text.trim());
  const parts = new Map(
    (match?.[1] ?? '').split(';').map((part): [string, string] => {
      const [key = '', value = ''] = part.split('=');
      return [key.trim(), value.trim()];
    }),
  );
  const database = parts.get('dbname');
  const host = parts.get('host');
  if (match === null || !database || !host) {
    throw new Error("cfgloc must read 'Pg:dbname=xcatdb;host=ADDRESS|USER|PASSWORD'.");
  }
  return {
    database,
    host,
    port: Number(parts.get('port') ?? '5432'),
    user: match[2] ?? '',
    password: match[3] ?? '',
  };
}
