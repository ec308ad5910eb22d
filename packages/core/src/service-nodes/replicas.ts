import { fail, ok, type Result } from '../result.ts';

/** One export that several service nodes offer alike. */
export interface ReplicatedExport {
  /** The same path on each of them, such as /install. */
  readonly path: string;
  /** Who may mount it, as exports(5) has it: `*`, `10.2.0.0/16`, `*.cluster`. */
  readonly clients: string;
  /** Further options, such as `rw` and `no_root_squash`. */
  readonly options: readonly string[];
  /** Names or IPv4 addresses by which the nodes reach the service nodes. */
  readonly servers: readonly string[];
}

const sayPath = (path: string): string => `'${path}' cannot be exported with replicas:`;

/**
 * The line of /etc/exports for each server: its own export, with the others as alternatives that an NFSv4 client is told (`fs_locations`, RFC
 * 7530 8.1). Replication of what lies there is another matter. Errors: `bad-export`. Source: exports(5), `replicas=path@host[:path@host]`.
 */
export function exportsWithReplicas(
  wanted: ReplicatedExport,
): Result<ReadonlyMap<string, string>, 'bad-export'> {
  const against = againstExport(wanted);
  if (against !== undefined) return fail('bad-export', against);
  const { path, clients, options, servers } = wanted;
  return ok(
    new Map(
      servers.map((server) => {
        const others = servers.filter((other) => other !== server).map((other) => `${path}@${other}`);
        return [server, `${path} ${clients}(${[...options, `replicas=${others.join(':')}`].join(',')})`];
      }),
    ),
  );
}

function againstExport({ path, clients, options, servers }: ReplicatedExport): string | undefined {
  if (!path.startsWith('/')) return `${sayPath(path)} write an absolute path.`;
  if (/[\s:@,"\\#()]/.test(path))
    return `${sayPath(path)} exports(5) separates by spaces, ':', '@' and ','. Export a path without them.`;
  if (!/^[A-Za-z0-9*?[\]._/:@-]+$/.test(clients))
    return `'${clients}' is no client of exports(5). Write a name, a network such as 10.2.0.0/16, or *.`;
  if (options.some((one) => /^(replicas|refer)=/.test(one)))
    return 'The replicas are made from the servers. Remove the options replicas and refer.';
  const option = options.find((one) => !/^[a-z0-9_]+(=[A-Za-z0-9_./:-]+)?$/.test(one));
  if (option !== undefined) return `'${option}' is no option of exports(5).`;
  const server = servers.find((one) => !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(one));
  if (server !== undefined)
    return `'${server}' cannot stand in replicas=: write a name or an IPv4 address; an IPv6 address has ':', which separates there.`;
  if (new Set(servers).size < servers.length) return 'A server is listed twice. Remove one.';
  return servers.length < 2 ? 'Replicas need two servers at least.' : undefined;
}
