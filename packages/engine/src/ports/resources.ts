import type { ResourceAct, ResourceLook, ResourceSettings, Result } from '@hamn/core';
import type { Permit } from './permit.ts';

/**
 * `timeout`: the act may come to its end yet. `over`: the permit said no, and nothing was done. `unreachable`: systemd does not answer.
 * `unusable`: this node lacks what it needs (a program, an agent, a unit); the message says what to install or correct.
 */
export type ResourceFailure = 'timeout' | 'failed' | 'over' | 'unreachable' | 'unusable';

/** What an act or a look is told besides the resource itself. */
export interface ResourceCall {
  readonly resource: ResourceSettings;
  /** The limit: the call ends within it, whatever hangs. Milliseconds. */
  readonly limitMs: number;
  /** What this node is at this moment: programs and agents are told. */
  readonly role: 'primary' | 'standby' | 'none';
}

/** What a program of a resource (a job, an agent, a probe) said when it last ran. */
export interface ResourceOutput {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly act: ResourceAct;
  /** Undefined when it was ended by a signal or could not be run. */
  readonly exitCode: number | undefined;
  /** The end of what it wrote, in order; `cut` when the beginning is missing. */
  readonly text: string;
  readonly cut: boolean;
}

/** Everything that is started and stopped with a role, except the VIPs and the database, which have ports of their own. */
export interface ResourcePort {
  /** Changes nothing. A resource that hangs is a look that could not tell (`timeout`), never a hung caller. */
  look(call: ResourceCall): Promise<Result<ResourceLook, ResourceFailure>>;
  /** `start` and `promote` ask `permit` immediately before they act. */
  start(call: ResourceCall, permit: Permit): Promise<Result<undefined, ResourceFailure>>;
  promote(call: ResourceCall, permit: Permit): Promise<Result<undefined, ResourceFailure>>;
  demote(call: ResourceCall): Promise<Result<undefined, ResourceFailure>>;
  /** Marks this node's copy of mirrored data, which is not promoted, as one that must not be until it is level again. It outlives a reboot. */
  outdate(call: ResourceCall): Promise<Result<undefined, ResourceFailure>>;
  /** Ends a start, promotion or demotion of it that is under way first, then stops it. What is not there is stopped. */
  stop(call: ResourceCall): Promise<Result<undefined, ResourceFailure>>;
  /** After a stop that failed: SIGKILL to its control groups, or to whoever holds its device or directory, until nothing is left. */
  kill(call: ResourceCall): Promise<Result<undefined, ResourceFailure>>;
  /** Of its newest act that ran a program; undefined where none did. */
  output(resource: string): ResourceOutput | undefined;
}
