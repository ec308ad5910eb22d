/** What a monitor found out. `failed` and `failed-promoted`: it may still run, so it must be stopped before anything else. */
export type AgentState =
  | 'running'
  | 'promoted'
  | 'stopped'
  | 'degraded'
  | 'degraded-promoted'
  | 'failed'
  | 'failed-promoted';

/** `soft`: try again, here or elsewhere. `hard`: not on this node until an admin did something. `fatal`: on no node, the settings are wrong. */
export type Severity = 'none' | 'soft' | 'hard' | 'fatal';

export interface ExitMeaning {
  readonly code: number;
  /** The standard's name, such as OCF_NOT_RUNNING. */
  readonly name: string;
  readonly severity: Severity;
  /** What it says of the resource when it is the answer of a monitor. */
  readonly state: AgentState;
  /** Plain words, to be put behind "it". */
  readonly meaning: string;
}

const row = (
  code: number,
  name: string,
  severity: Severity,
  state: AgentState,
  meaning: string,
): readonly [number, ExitMeaning] => [code, { code, name, severity, state, meaning }];

/**
 * Sources: OCF Resource Agent API 1.1, "Exit status codes"; 190 and 191, and the severities: Pacemaker Administration, "OCF Return Codes" and
 * "How Pacemaker Interprets OCF Return Codes".
 */
const meanings: ReadonlyMap<number, ExitMeaning> = new Map([
  row(0, 'OCF_SUCCESS', 'none', 'running', 'did it'),
  row(1, 'OCF_ERR_GENERIC', 'soft', 'failed', 'failed'),
  row(2, 'OCF_ERR_ARGS', 'hard', 'failed', 'cannot work with these parameters on this node'),
  row(3, 'OCF_ERR_UNIMPLEMENTED', 'hard', 'failed', 'does not know this action'),
  row(4, 'OCF_ERR_PERM', 'hard', 'failed', 'lacks a permission on this node'),
  row(5, 'OCF_ERR_INSTALLED', 'hard', 'failed', 'lacks a program or file on this node'),
  row(6, 'OCF_ERR_CONFIGURED', 'fatal', 'failed', 'is configured wrongly, on every node'),
  row(7, 'OCF_NOT_RUNNING', 'none', 'stopped', 'is not running'),
  row(8, 'OCF_RUNNING_PROMOTED', 'none', 'promoted', 'is running and promoted'),
  row(9, 'OCF_FAILED_PROMOTED', 'soft', 'failed-promoted', 'is promoted and has failed'),
  row(190, 'OCF_DEGRADED', 'none', 'degraded', 'is running, but is likely to fail soon'),
  row(191, 'OCF_DEGRADED_PROMOTED', 'none', 'degraded-promoted', 'is promoted, but is likely to fail soon'),
]);

/** Every other code is a failure as 1 is: pacemaker does the same. */
export const exitMeaning = (code: number): ExitMeaning =>
  meanings.get(code) ?? {
    code,
    name: 'unknown',
    severity: 'soft',
    state: 'failed',
    meaning: 'ended with a code that OCF does not know',
  };

export const exitMeanings = (): readonly ExitMeaning[] => [...meanings.values()];

/** What the exit code of a `monitor` says. */
export const agentState = (code: number): AgentState => exitMeaning(code).state;
