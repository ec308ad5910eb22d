import { fail, ok, type Result } from '@hamn/core';
import type { Agent, AgentResource } from './agent.ts';
import type { AgentState, Severity } from './exit-code.ts';
import type { AgentAction, AgentAnswer, RunFailure } from './run-agent.ts';

/**
 * `failed`: try again, here or elsewhere. `unusable-here`: another node may do better. `misconfigured`: no node can. The others: what it did is
 * not known.
 */
export type JudgedFailure = RunFailure | 'failed' | 'unusable-here' | 'misconfigured';

/** What each action leaves behind when it was done; undefined: it changes nothing of the state. */
const leaves: Readonly<Record<Exclude<AgentAction, 'monitor'>, AgentState | undefined>> = {
  start: 'running',
  stop: 'stopped',
  promote: 'promoted',
  demote: 'running',
  notify: undefined,
  'validate-all': undefined,
  reload: undefined,
  'reload-agent': undefined,
};

/**
 * What a run means: the state that a monitor saw, or the one that an action left behind. Only exit code 0 is success of any action but `monitor`.
 * A monitor's failure is an answer, not an error: it may still run, and must be stopped.
 */
export function judgeRun(
  agent: Agent,
  resource: AgentResource,
  action: AgentAction,
  ran: Result<AgentAnswer, RunFailure>,
): Result<AgentState | undefined, JudgedFailure> {
  if (!ran.ok) return ran;
  const { code, meaning, words } = ran.value;
  if (action === 'monitor') return ok(meaning.state);
  if (code === 0) return ok(leaves[action]);
  const text = words === '' ? '' : ` It said: ${words}`;
  return fail(
    failureOf(meaning.severity),
    `${agent.name} ${action} of ${resource.name}: it ${meaning.meaning} (exit code ${code}, ${meaning.name}).${text}`,
  );
}

const failureOf = (severity: Severity): 'failed' | 'unusable-here' | 'misconfigured' => {
  if (severity === 'fatal') return 'misconfigured';
  return severity === 'hard' ? 'unusable-here' : 'failed';
};
