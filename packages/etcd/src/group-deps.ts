import type { ClockPort } from '@hamn/engine';
import { Endpoints } from './endpoints.ts';
import { GroupSpace } from './group-space.ts';
import type { TlsTexts } from './line.ts';
import type { ReadDeps } from './reads.ts';

export interface GroupOptions {
  readonly cluster: string;
  readonly group: string;
  /** `https://address:port` of every member, this node's own first. */
  readonly endpoints: readonly string[];
  readonly tls: TlsTexts;
  readonly clock: ClockPort;
}

/** What every call to etcd about one group needs. Nothing is dialled before the first call. */
export function groupDeps(options: GroupOptions): ReadDeps & { readonly endpoints: Endpoints } {
  const { clock } = options;
  const space = new GroupSpace(options);
  const endpoints = new Endpoints(
    { urls: options.endpoints, tls: options.tls, probeKey: space.path('leader') },
    { clock },
  );
  return { endpoints, clock, space };
}
