import { fail, ok, type Result } from '@hamn/core';
import { type Agent, type AgentHost, type AgentResource, usualTemporary } from './agent.ts';
import { type ExitMeaning, exitMeaning } from './exit-code.ts';
import { advertises, advisedLimitMs } from './metadata/metadata.ts';
import { agentEnvironment } from './run/environment.ts';
import { type Notification, notifyMeta } from './run/notify.ts';
import { type ProgramFailure, runProgram } from './run/run-program.ts';
import { reasonOf, said } from './run/said.ts';
import type { Kept } from './run/tail.ts';
import { makeTemporary } from './run/temporary.ts';

/** `meta-data` has a function of its own; moving a running service alive (`migrate_to`) is none of hamn's doings. */
export type AgentAction =
  | 'start'
  | 'stop'
  | 'monitor'
  | 'promote'
  | 'demote'
  | 'notify'
  | 'validate-all'
  | 'reload'
  | 'reload-agent';

export interface AgentOrder {
  readonly action: AgentAction;
  /** Milliseconds. Default: what the agent advises. */
  readonly limitMs?: number | undefined;
  /** How thoroughly to look (`monitor`, `validate-all`): OCF_CHECK_LEVEL. Default: not set, which agents take for 0. */
  readonly level?: number | undefined;
  /** How often this monitor is repeated. Default: 0, a probe: some agents then look without having been started. */
  readonly intervalMs?: number | undefined;
  /** In which role the resource should be; a monitor's advised limit may depend on it. */
  readonly role?: 'promoted' | 'unpromoted' | undefined;
  /** For `notify`. */
  readonly notification?: Notification | undefined;
  /** Ends the run as its limit does. */
  readonly signal?: AbortSignal | undefined;
}

/** An agent ended by itself. */
export interface AgentAnswer {
  readonly code: number;
  readonly meaning: ExitMeaning;
  /** Its last `ocf-exit-reason`. */
  readonly reason: string | undefined;
  /** The reason, else the end of what it wrote, on one short line; empty when it wrote nothing. */
  readonly words: string;
  readonly stdout: Kept;
  readonly stderr: Kept;
  readonly tookMs: number;
}

export type RunFailure = ProgramFailure | 'bad-order';

const keepBytes = 64 * 1024;
const instanceForm = /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/;
const parameterForm = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * Runs one action. Ok: the agent ended by itself, with whatever exit code; `judgeRun` says what that means for the action. Errors: `bad-order`,
 * `not-started`; `timeout`, `interrupted`, `killed`: what it did is not known, and a timeout is never success.
 * Hazard: two actions of one resource must not run at the same time; that is the caller's duty.
 */
export async function runAgent(
  agent: Agent,
  resource: AgentResource,
  order: AgentOrder,
  host: AgentHost,
): Promise<Result<AgentAnswer, RunFailure>> {
  const wrong = wrongOrder(agent, resource, order);
  if (wrong !== undefined) return fail('bad-order', wrong);
  const made = await makeTemporary(host.temporary ?? usualTemporary);
  if (!made.ok) return made;
  const { action, level, intervalMs = 0 } = order;
  const limitMs = order.limitMs ?? advisedLimitMs(agent.metadata, action, order);
  const meta = order.notification === undefined ? {} : notifyMeta(order.notification);
  const env = agentEnvironment(agent, resource, { action, limitMs, intervalMs, level, meta }, host);
  const [file, ...args] = [...(host.launcher ?? []), agent.path, action];
  const graceMs = host.graceMs ?? 2000;
  const run = { argv: [file, ...args], env, limitMs, graceMs, keepBytes, signal: order.signal } as const;
  const ran = await (host.run === undefined ? runProgram(run, host.clock) : host.run(run));
  if (!ran.ok)
    return fail(ran.error.code, `${agent.name} ${action} of ${resource.name}: ${ran.error.message}`);
  const { code, stdout, stderr, tookMs } = ran.value;
  return ok({
    code,
    meaning: exitMeaning(code),
    reason: reasonOf(stderr.text),
    words: said(stdout.text, stderr.text),
    stdout,
    stderr,
    tookMs,
  });
}

function wrongOrder(agent: Agent, resource: AgentResource, order: AgentOrder): string | undefined {
  if (!instanceForm.test(resource.name))
    return `'${resource.name}' cannot be the name of a resource: agents make names of files of it. Use letters, digits, '_', '.', ':' and '-'.`;
  const odd = Object.keys({ ...resource.parameters, ...resource.meta }).find(
    (name) => !parameterForm.test(name),
  );
  if (odd !== undefined)
    return `'${odd}' cannot be a parameter of ${resource.name}: such a name has letters, digits, '_', '.' and '-'.`;
  if (!advertises(agent.metadata, order.action))
    return `${agent.name} has no action '${order.action}'; it has ${actionsOf(agent).join(', ')}.`;
  if (order.limitMs !== undefined && !(order.limitMs > 0))
    return `The limit of ${order.action} of ${resource.name} is ${order.limitMs} ms; it must be more than 0.`;
  return undefined;
}

const actionsOf = ({ metadata }: Agent): readonly string[] => [
  ...new Set(metadata.actions.map(({ name }) => name)),
];
