import {
  type FenceDevice,
  type FenceStep,
  fail,
  type Instant,
  type NodeId,
  ok,
  outletName,
  type Result,
} from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import type { AgentCatalog, AgentFailure } from '../agent/agent-catalog.ts';
import { type RunFailure, runAgent } from '../agent/run-agent.ts';
import { said } from '../agent/said.ts';
import { agentInput, type InputFailure } from './agent-input.ts';
import type { DeviceQueue, Purpose } from './device-queue.ts';

/** One device, and which of its outlets or machines. */
export interface Outlet {
  readonly device: FenceDevice;
  readonly step: FenceStep;
  readonly target: NodeId;
}

export type UseFailure = AgentFailure | InputFailure | RunFailure | 'unwanted' | 'failed';

export interface Use {
  readonly purpose: Purpose;
  /** After it nothing is begun, and what runs is ended. */
  readonly deadline: Instant;
}

/** No agent answers faster, and one that is killed at once may have done its work all the same. */
const leastRunMs = 100;

/** Asked immediately before an agent is started, with nothing awaited in between. */
export type StillWanted = () => boolean;

export const nameOf = ({ step }: Outlet): string => outletName(step);

/** Single runs of agents: each is one answer of one device. */
export class DeviceUser {
  readonly #catalog: AgentCatalog;
  readonly #queue: DeviceQueue;
  readonly #clock: ClockPort;

  constructor(catalog: AgentCatalog, queue: DeviceQueue, clock: ClockPort) {
    this.#catalog = catalog;
    this.#queue = queue;
    this.#clock = clock;
  }

  /** Ok when the agent says that it did it. Whether that is true is another question: `power`. */
  async act(
    outlet: Outlet,
    action: 'off' | 'on',
    use: Use,
    wanted: StillWanted,
  ): Promise<Result<undefined, UseFailure>> {
    const ran = await this.#run(outlet, action, use, wanted);
    if (!ran.ok) return ran;
    const { code, words } = ran.value;
    if (code === 0) return ok(undefined);
    return fail('failed', `${nameOf(outlet)} did not switch it ${action} (${exitOf(code)}).${words}`);
  }

  /**
   * What the device says of the power now. Exit codes of `status`: 0 on, 2 off, anything else is no answer. A program that cannot even start
   * often ends with 2 as well, so `off` counts only where it is also written.
   */
  async power(outlet: Outlet, use: Use): Promise<Result<'on' | 'off', UseFailure>> {
    const ran = await this.#run(outlet, 'status', use, () => true);
    if (!ran.ok) return ran;
    const { code, words, saysOff } = ran.value;
    if (code === 0) return ok('on');
    if (code === 2 && saysOff) return ok('off');
    return fail('failed', `${nameOf(outlet)} does not tell its status (${exitOf(code)}).${words}`);
  }

  #run(
    outlet: Outlet,
    action: 'off' | 'on' | 'status',
    { purpose, deadline }: Use,
    wanted: StillWanted,
  ): Promise<Result<Answer, UseFailure>> {
    const { device, step, target } = outlet;
    return this.#queue.run(device.name, purpose, async (signal) => {
      const agent = await this.#catalog.find(device.agent);
      if (!agent.ok) return agent;
      const input = await agentInput(agent.value, device, step, target);
      if (!input.ok) return input;
      const limitMs = Math.min(device.timeoutMs, deadline - this.#clock.now());
      if (signal.aborted) return fail('interrupted', 'It was not asked: the device is needed.');
      if (limitMs < leastRunMs) return fail('timeout', `There was no time left for ${nameOf(outlet)}.`);
      if (!wanted()) return fail('unwanted', 'The reason went away before anything was switched.');
      const lines = [...input.value.lines, `action=${action}`, ''].join('\n');
      const ran = await runAgent({ path: agent.value.path, input: lines, limitMs, signal }, this.#clock);
      if (!ran.ok) return fail(ran.error.code, `${device.agent} for ${nameOf(outlet)}: ${ran.error.message}`);
      const text = said(ran.value, input.value.secrets);
      return ok({
        code: ran.value.code,
        words: text === '' ? '' : ` It said: ${text}`,
        saysOff: /\boff\b/i.test(ran.value.stdout),
      });
    });
  }
}

interface Answer {
  readonly code: number | undefined;
  readonly words: string;
  readonly saysOff: boolean;
}

const exitOf = (code: number | undefined): string =>
  code === undefined ? 'a signal ended it' : `exit code ${code}`;
