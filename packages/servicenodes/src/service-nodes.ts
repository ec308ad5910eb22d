import { ok, type ProbeKind, type Result, type Sample, type ServiceNode } from '@hamn/core';
import type { ClockPort, ServiceNodesPort } from '@hamn/engine';
import { withLimit } from '@hamn/engine';
import { askXcatd, usualXcatd, type XcatdOptions } from '@hamn/xcatd';
import { readPlacement } from './command/nodels.ts';
import { type RunCommand, runCommand } from './command/run-command.ts';
import { snmove } from './command/snmove.ts';
import { askNfs } from './probe/nfs.ts';
import { type ProbeFailure, ping } from './probe/ping.ts';

export interface ServiceNodesOptions {
  /** Where xCAT's commands are. */
  readonly directory?: string | undefined;
  readonly xcatd?: XcatdOptions | undefined;
  readonly nfsPort?: number | undefined;
  /** The distribution's ping. */
  readonly ping?: string | undefined;
  readonly run?: RunCommand | undefined;
}

/** Probes of service nodes, and xCAT's nodels and snmove on this node. */
export function createServiceNodes(
  {
    directory = '/opt/xcat/bin',
    xcatd = usualXcatd,
    nfsPort = 2049,
    ping: program = 'ping',
    run = runCommand,
  }: ServiceNodesOptions,
  { clock }: { readonly clock: ClockPort },
): ServiceNodesPort {
  const probeXcatd = async (address: string, limitMs: number): Promise<Result<string, ProbeFailure>> => {
    const asked = await askXcatd(address, limitMs, clock, xcatd);
    if (!asked.ok) return asked;
    const { error } = asked.value;
    const where = `xcatd at ${address}:${xcatd.port}`;
    return ok(error === undefined ? `${where} answers.` : `${where} answers: ${error}`);
  };
  const probeOne = (
    member: ServiceNode,
    kind: ProbeKind,
    limitMs: number,
  ): Promise<Result<string, ProbeFailure>> => {
    switch (kind) {
      case 'ping':
        return ping(member.address, limitMs, clock, program, run);
      case 'interface':
        return ping(member.nodeAddress ?? member.address, limitMs, clock, program, run);
      case 'xcatd':
        return probeXcatd(member.address, limitMs);
      case 'nfs':
        return askNfs(member.address, limitMs, clock, nfsPort);
    }
  };
  return {
    probe: (member, kinds, limitMs) =>
      Promise.all(
        kinds.map(async (kind): Promise<Sample> => {
          const at = clock.now();
          // Reading a file of this node may hang, too.
          const said = await withLimit(clock, limitMs + 500, `The probe ${kind} of ${member.name}`, () =>
            probeOne(member, kind, limitMs),
          );
          const isOurs = !said.ok && said.error.code !== 'failed';
          return {
            serviceNode: member.name,
            kind,
            at,
            outcome: said.ok ? 'ok' : isOurs ? 'unmade' : 'failed',
            message: said.ok ? said.value : said.error.message,
          };
        }),
      ),
    placement: (limitMs) => readPlacement(directory, limitMs, clock, run),
    move: (order, limitMs, permit) => snmove(order, directory, limitMs, { clock, run, permit }),
  };
}
