import { dirname, join } from 'node:path';
import type { NodeFile } from '@hamn/config';
import { type GroupSettings, type NodeId, postgresSite } from '@hamn/core';
import {
  type ClockPort,
  type Engine,
  type GuardPort,
  type JournalPort,
  type LocalPort,
  type PeerPort,
  type Ports,
  ServiceNodesKeeper,
  type StorePort,
} from '@hamn/engine';
import { createStore } from '@hamn/etcd';
import { createFencing } from '@hamn/fencing';
import { FileSync } from '@hamn/filesync';
import { GuardClient } from '@hamn/guard';
import { openNetwork } from '@hamn/linux';
import { createPeers, type Peers } from '@hamn/peer';
import { createPostgres } from '@hamn/postgres';
import { createResources } from '@hamn/resources';
import { createServiceNodes } from '@hamn/servicenodes';
import { createUnits } from '@hamn/systemd';
import { VipAdapter } from '@hamn/vip';
import type { TlsFiles } from './http/servers.ts';
import { RootCrontab } from './node/crontab.ts';
import { witnessGuard, witnessUnits, witnessVip } from './node/witness-ports.ts';

/** Which adapter stands behind which port; nothing is decided here. */

const senderProgram = '/usr/lib/hamn/hamn-sync.mjs';

export function wireStore(
  file: NodeFile,
  tls: TlsFiles,
  witnesses: readonly string[],
  clock: ClockPort,
): StorePort {
  const { cluster, group, node, address } = file;
  return createStore({
    cluster,
    group,
    endpoints: file.etcd.endpoints,
    tls,
    node,
    address,
    witnesses,
    clock,
  });
}

export const wireGuard = (file: NodeFile): GuardPort =>
  file.role === 'witness' ? witnessGuard : new GuardClient({ directory: dirname(file.guardSocket) });

export function wirePeers(file: NodeFile, tls: TlsFiles, clock: ClockPort): Peers {
  return createPeers({ node: file.node, nodes: new Map(), tls, clock });
}

export const peerAddresses = (
  settings: GroupSettings,
): ReadonlyMap<NodeId, { readonly address: string; readonly apiPort: number }> =>
  new Map(settings.nodes.map((node) => [node.name, { address: node.address, apiPort: node.apiPort }]));

export interface Shared {
  readonly clock: ClockPort;
  readonly store: StorePort;
  readonly guard: GuardPort;
  readonly peers: PeerPort;
  readonly local: LocalPort;
  readonly journal: JournalPort;
}

/** The ports of one group on this node, and who copies files: he must see each tick. */
export function wirePorts(
  file: NodeFile,
  settings: GroupSettings,
  shared: Shared,
): { readonly ports: Ports; readonly fileSync: FileSync | undefined } {
  const fencing = createFencing({}, shared);
  if (file.role === 'witness')
    return {
      ports: { ...shared, fencing, postgres: undefined, vip: witnessVip, units: witnessUnits },
      fileSync: undefined,
    };
  const { clock, journal } = shared;
  const gates =
    settings.postgres === undefined
      ? []
      : [{ unit: settings.postgres.unit, dataDirectory: settings.postgres.dataDirectory }];
  const units = createUnits({ gates }, { clock });
  const { node, address, stateDirectory } = file;
  const postgres =
    settings.postgres === undefined
      ? undefined
      : createPostgres(
          { ...postgresSite(settings.postgres), node, address, stateDirectory },
          { clock, units },
        );
  const network = openNetwork();
  network.open();
  const vip = new VipAdapter({ clock, journal, network });
  const fileSync = new FileSync(
    {
      group: settings.group,
      node,
      address,
      stateDirectory: join(stateDirectory, 'sync'),
      deadlineFile: join(dirname(file.guardSocket), 'term-deadline'),
      program: [process.execPath, '--max-old-space-size=256', senderProgram],
    },
    { clock, journal, units },
  );
  const resources = createResources(
    { group: settings.group, node, sync: fileSync },
    { clock, journal, units },
  );
  const ports = { ...shared, fencing, postgres, units, vip, resources, crontab: new RootCrontab() };
  return { ports, fileSync };
}

/** Who looks after xCAT's service nodes while this node is primary; a witness never is. */
export function wireServiceNodes(
  file: NodeFile,
  engine: Engine,
  { clock, store, journal }: Shared,
): ServiceNodesKeeper | undefined {
  if (file.role === 'witness') return undefined;
  return new ServiceNodesKeeper(
    { node: file.node, settings: () => engine.settings.serviceNodes },
    {
      clock,
      store,
      journal,
      port: createServiceNodes({}, { clock }),
      term: engine.term,
    },
  );
}
