import { hostname } from 'node:os';
import { ok, type ResourceLook, type Result, type UnitResource } from '@hamn/core';
import type { ResourceFailure } from '@hamn/engine';
import { usualXcatd } from '@hamn/xcatd';
import { askDns } from '../asking/dns.ts';
import { lookAtXcatd } from '../asking/xcatd.ts';
import type { KindCall } from '../kind-adapter.ts';
import { foreignHolders, portStates } from '../listening/holders.ts';
import type { ResourcesDeps, ResourcesOptions } from '../options.ts';
import { processesOf } from '../processes/groups.ts';
import { type Command, type Programs, unusable } from '../programs/programs.ts';
import { words } from '../programs/run-in-unit.ts';

type Call = KindCall<UnitResource>;
type Look = Promise<Result<ResourceLook, ResourceFailure>>;

const looked = (level: ResourceLook['level'], reason?: string): Result<ResourceLook, never> =>
  ok({ level, sure: false, reason });

const loopback = '127.0.0.1';

/** Of an active unit: does it answer? Its ports first, then the admin's program, then what hamn asks itself. */
export function deepLook({ xcatd = usualXcatd }: ResourcesOptions, deps: ResourcesDeps, programs: Programs) {
  return async (call: Call, unit: string): Look => {
    const { ports, probe, ask } = call.what;
    const bad = portStates(ports, processesOf(unit)).find(({ isOwn }) => !isOwn);
    if (bad?.isTaken === true) {
      const [held = ''] = await foreignHolders([bad.port], processesOf(unit));
      return looked('failed', `${held === '' ? '' : `${held} `}That does not belong to ${unit}.`);
    }
    if (bad !== undefined) return looked('failed', `${unit} does not listen on ${bad.port}.`);
    const [program, ...rest] = probe ?? [];
    const probed = program === undefined ? undefined : await run(call, [program, ...rest]);
    if (ask === undefined || (probed !== undefined && !(probed.ok && probed.value.level === 'running')))
      return probed ?? looked('running');
    return ask === 'dns' ? askNames(call, unit) : askXcat(call);
  };

  async function run(call: Call, command: Command): Look {
    const cannot = unusable(command);
    if (cannot !== undefined) return cannot;
    const asked = await programs.child(call, 'monitor', command);
    if (!asked.ok) return asked;
    const { code, output } = asked.value;
    if (code === 0) return looked('running');
    return looked('failed', `Its probe ${command[0]} ended with exit code ${code}.${words(output)}`);
  }

  async function askNames(call: Call, unit: string): Look {
    const limitMs = call.limit.leftMs() * 0.9;
    const asked = await Promise.all(addressesOf(call).map((address) => askDns(address, limitMs, deps.clock)));
    const bad = asked.find((one) => !one.ok);
    return bad === undefined || bad.ok
      ? looked('running')
      : looked('failed', `${unit} does not answer. ${bad.error.message}`);
  }

  async function askXcat(call: Call): Look {
    const limitMs = call.limit.leftMs() * 0.9;
    const [address = loopback] = addressesOf(call);
    return lookAtXcatd(address, hostname(), limitMs, deps.clock, xcatd);
  }
}

/** The VIPs are the primary's. */
function addressesOf({ role, what: { askAt = [] } }: Call): readonly string[] {
  return role === 'primary' && askAt.length > 0 ? askAt : [loopback];
}
