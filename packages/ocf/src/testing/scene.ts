import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testClock } from '@hamn/engine/testing';
import type { Agent, AgentHost, AgentResource } from '../agent.ts';
import { describeAgent } from '../describe-agent.ts';
import type { AgentState } from '../exit-code.ts';
import { type JudgedFailure, judgeRun } from '../judge-run.ts';
import { type AgentAction, type AgentOrder, runAgent } from '../run-agent.ts';

/** Debian's agents, or those of a directory of the test's own. */
export const hostOf = (options: Omit<AgentHost, 'clock'> = {}): AgentHost => ({
  ...options,
  clock: testClock,
});

/** @throws Error when it cannot be described: the package resource-agents is needed. */
export async function agentOf(name: string, host: AgentHost): Promise<Agent> {
  const agent = await describeAgent(name, host);
  if (!agent.ok) throw new Error(agent.error.message);
  return agent.value;
}

/** The state that an action left or saw, or the code of its failure. */
export async function act(
  agent: Agent,
  resource: AgentResource,
  order: AgentAction | AgentOrder,
  host: AgentHost,
): Promise<AgentState | JudgedFailure | 'done'> {
  const whole = typeof order === 'string' ? { action: order } : order;
  const judged = judgeRun(agent, resource, whole.action, await runAgent(agent, resource, whole, host));
  return judged.ok ? (judged.value ?? 'done') : judged.error.code;
}

const metadataOf = (actions: readonly string[]): string => `<?xml version="1.0"?>
<resource-agent name="double" version="1.0"><version>1.1</version>
<parameters><parameter name="dir"><content type="string"/></parameter></parameters>
<actions><action name="start" timeout="20s"/><action name="stop" timeout="20s"/><action name="monitor" timeout="20s" interval="10s"/>
${actions.map((name) => `<action name="${name}" timeout="20s"/>`).join('')}</actions></resource-agent>`;

/** Doubles of agents, for what no real one does on request: hang, chatter, die. Each is a shell script whose `$dir` is the folder of the test. */
export class DoubleAgents {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'hamn-ocf-'));
  readonly host: AgentHost = hostOf({
    root: this.directory,
    temporary: join(this.directory, 'tmp', 'inner'),
    graceMs: 300,
  });

  /** Writes the agent `ocf:test:<type>`; `script` has the action in `$1`. */
  add(type: string, script: string, more: { actions?: readonly string[]; metadata?: string } = {}): string {
    const folder = join(this.directory, 'resource.d', 'test');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${type}.xml`), more.metadata ?? metadataOf(more.actions ?? []));
    chmodSync(join(folder, `${type}.xml`), 0o644);
    const path = join(folder, type);
    writeFileSync(
      path,
      `#!/bin/bash
dir=${this.directory}
if [ "$1" = meta-data ]; then cat "$0.xml"; exit 0; fi
${script}
`,
    );
    chmodSync(path, 0o755);
    return `ocf:test:${type}`;
  }

  /** A file that a double wrote; empty while there is none. */
  read(file: string): string {
    try {
      return readFileSync(join(this.directory, file), 'utf8');
    } catch {
      return '';
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
