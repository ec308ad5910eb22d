export { type AgentName, parseAgentName } from './agent/agent-name.ts';
export type { Agent, AgentHost, AgentResource } from './agent.ts';
export { type DescribeFailure, describeAgent } from './describe-agent.ts';
export { type AgentState, agentState, type ExitMeaning, exitMeaning, type Severity } from './exit-code.ts';
export { type JudgedFailure, judgeRun } from './judge-run.ts';
export {
  type AgentActionEntry,
  type AgentMetadata,
  type AgentParameter,
  advertises,
  advisedLimitMs,
} from './metadata/metadata.ts';
export { checkParameters, type ParameterProblem } from './parameters/check-parameters.ts';
export type { Notification, NotifiedResource, NotifyList } from './run/notify.ts';
export { type ProgramEnd, type ProgramFailure, type ProgramRun, runProgram } from './run/run-program.ts';
export { said } from './run/said.ts';
export type { Kept } from './run/tail.ts';
export {
  type AgentAction,
  type AgentAnswer,
  type AgentOrder,
  type RunFailure,
  runAgent,
} from './run-agent.ts';
export { type ValidateFailure, validateAgent } from './validate-agent.ts';
