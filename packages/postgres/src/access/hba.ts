import { BlockList } from 'node:net';

/** A line of pg_hba.conf as pg_hba_file_rules shows it: without quotes, so a database that is called "replication" looks like the keyword. */
export interface HbaRule {
  readonly file: string;
  readonly line: number;
  /** local, host, hostssl, hostnossl, hostgssenc or hostnogssenc. */
  readonly type: string;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly address: string | undefined;
  readonly netmask: string | undefined;
  readonly method: string;
  readonly options: readonly string[];
}

/** How a connection of hamn's arrives at the server. */
export interface Arrival {
  readonly address: string;
  readonly database: 'replication' | 'postgres';
  /** The ways that the client tries, in its order; one that is let in is enough. */
  readonly ways: readonly ('tls' | 'plain')[];
}

/** What else decides: the role that arrives, and the server's machine. */
export interface HbaContext {
  readonly user: string;
  /** The roles that it is a member of, directly or not. */
  readonly memberOf: readonly string[];
  /** How its password is kept; `none`: it has none, or one that has expired. */
  readonly password: 'scram-sha-256' | 'md5' | 'none';
  /** Whether it shows a certificate over TLS. */
  readonly certificate: boolean;
  /** The addresses of the server's machine with their prefix lengths, such as 10.1.0.1/24: for `samehost` and `samenet`. */
  readonly networks: readonly string[];
}

/** `line`: the first one that matches, and so decides. `unsure`: it cannot be told from the text. */
export type HbaVerdict =
  | { readonly kind: 'in'; readonly line: HbaRule }
  | { readonly kind: 'refused'; readonly line: HbaRule; readonly because: string }
  | { readonly kind: 'unsure'; readonly line: HbaRule; readonly because: string }
  | { readonly kind: 'unmatched' };

/**
 * What the lines say to an arrival. The first line that matches decides, also where its method then fails.
 * Source: PostgreSQL documentation, "The pg_hba.conf File"; src/backend/libpq/hba.c, check_hba().
 */
export function judgeArrival(rules: readonly HbaRule[], arrival: Arrival, context: HbaContext): HbaVerdict {
  const verdicts = arrival.ways.map((way) => judgeWay(rules, { ...arrival, way }, context));
  const of = (kind: HbaVerdict['kind']): HbaVerdict | undefined =>
    verdicts.find((verdict) => verdict.kind === kind);
  return of('in') ?? of('unsure') ?? of('refused') ?? { kind: 'unmatched' };
}

type Knock = Omit<Arrival, 'ways'> & { readonly way: 'tls' | 'plain' };

function judgeWay(rules: readonly HbaRule[], knock: Knock, context: HbaContext): HbaVerdict {
  for (const line of rules) {
    const matched = matches(line, knock, context);
    if (matched === 'yes') return { line, ...answer(line, knock, context) };
    if (matched === 'dns')
      return {
        kind: 'unsure',
        line,
        because: `whether its host name ${line.address} is ${knock.address} hangs on DNS`,
      };
  }
  return { kind: 'unmatched' };
}

function matches(line: HbaRule, knock: Knock, context: HbaContext): 'yes' | 'no' | 'dns' {
  const named =
    takesWay(line.type, knock.way) &&
    line.users.some((name) => takesUser(name, context)) &&
    line.databases.some((name) => takesDatabase(name, knock.database, context));
  return named ? takesAddress(line, knock.address, context.networks) : 'no';
}

/** hamn's connections never use GSSAPI's encryption. */
function takesWay(type: string, way: 'tls' | 'plain'): boolean {
  if (type === 'host' || type === 'hostnogssenc') return true;
  return type === (way === 'tls' ? 'hostssl' : 'hostnossl');
}

function takesUser(name: string, { user, memberOf }: HbaContext): boolean {
  if (name.startsWith('+')) return name === `+${user}` || memberOf.includes(name.slice(1));
  return name === 'all' || takesPattern(name, user);
}

function takesDatabase(name: string, database: Arrival['database'], { user, memberOf }: HbaContext): boolean {
  if (database === 'replication') return name === 'replication';
  if (name === 'all') return true;
  if (name === 'sameuser') return user === database;
  if (name === 'samerole' || name === 'samegroup') return user === database || memberOf.includes(database);
  return name !== 'replication' && takesPattern(name, database);
}

/** Since version 16 a name that begins with a slash is a regular expression. */
function takesPattern(name: string, text: string): boolean {
  if (!name.startsWith('/')) return name === text;
  try {
    return new RegExp(name.slice(1)).test(text);
  } catch {
    return false;
  }
}

function takesAddress(
  { address = '', netmask }: HbaRule,
  from: string,
  networks: readonly string[],
): 'yes' | 'no' | 'dns' {
  if (address === 'all') return 'yes';
  const says = (it: boolean): 'yes' | 'no' => (it ? 'yes' : 'no');
  if (address === 'samehost') return says(networks.some((own) => own.split('/')[0] === from));
  if (address === 'samenet') return says(networks.some((own) => within(own, from)));
  if (netmask === undefined) return 'dns';
  return says(within(`${address}/${lengthOf(netmask)}`, from));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4');

function within(network: string, address: string): boolean {
  const [base = '', length = ''] = network.split('/');
  if (familyOf(base) !== familyOf(address)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(length), familyOf(base));
  return list.check(address, familyOf(address));
}

/** The ones of a netmask: 24 for 255.255.255.0. */
function lengthOf(netmask: string): number {
  const base = familyOf(netmask) === 'ipv6' ? 16 : 10;
  const bits = netmask
    .split(/[.:]/)
    .map((part) => (part === '' ? '' : Number.parseInt(part, base).toString(2)))
    .join('');
  return bits.replaceAll('0', '').length;
}

type Answer = { readonly kind: 'in' } | { readonly kind: 'refused' | 'unsure'; readonly because: string };

/** Whether hamn can do what the line's method asks. */
function answer(line: HbaRule, { way }: Knock, { user, password, certificate }: HbaContext): Answer {
  const refused = (because: string): Answer => ({ kind: 'refused', because });
  const { method, options } = line;
  const asked = options.find((option) => /^clientcert=verify/.test(option));
  if ((asked !== undefined || method === 'cert') && (way === 'plain' || !certificate))
    return refused('it asks for a certificate, and hamn has none to show: set postgres.tls.cert and key');
  switch (method) {
    case 'reject':
      return refused('it rejects');
    case 'scram-sha-256':
    case 'md5':
      if (password === 'none') return refused(`the role ${user} has no password that is valid`);
      if (method === 'scram-sha-256' && password === 'md5')
        return refused(`it asks for SCRAM, and the password of ${user} is kept as MD5`);
      break;
    case 'trust':
    case 'cert':
      break;
    default:
      return refused(
        /^(?:password|ldap|radius|pam|bsd)$/.test(method)
          ? `its method ${method} asks for the password in clear text, which hamn never sends`
          : `hamn does not know how to answer its method ${method}`,
      );
  }
  const byName = method === 'cert' || asked === 'clientcert=verify-full';
  if (byName && !options.some((option) => option.startsWith('map=')))
    return {
      kind: 'unsure',
      because: `the certificate must name ${user} itself, for the line has no map= for the nodes' names`,
    };
  return { kind: 'in' };
}

/** The line that lets an arrival in, and no more than it. */
export function lineFor(
  user: string,
  { address, ways }: Pick<Arrival, 'address' | 'ways'>,
  database: 'replication' | 'all',
): string {
  const type = ways.includes('plain') ? 'host' : 'hostssl';
  return `${type} ${database} ${user} ${address}/${familyOf(address) === 'ipv6' ? 128 : 32} scram-sha-256`;
}
