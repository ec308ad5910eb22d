import { fail, ok, type Result } from '@hamn/core';
import { type AgentName, parseAgentName, spelled } from './agent/agent-name.ts';
import { type FindFailure, findAgent } from './agent/find-agent.ts';
import { type Agent, type AgentHost, usualRoot, usualTemporary } from './agent.ts';
import { parseMetadata } from './metadata/parse-metadata.ts';
import { agentEnvironment } from './run/environment.ts';
import { runProgram } from './run/run-program.ts';
import { said } from './run/said.ts';
import { makeTemporary } from './run/temporary.ts';

export type DescribeFailure = 'bad-name' | FindFailure | 'bad-metadata';

/** Pacemaker's limit, too: some agents start a runtime of their own for it. */
const metadataMs = 30_000;
/**
 * The longest of Debian's agents say 13 kB of themselves. The parser needs time by the square of the length for texts that are no XML: at this
 * length 0.3 s at worst, in which hamnd does nothing else.
 */
const mostBytes = 64 * 1024;

/**
 * Finds an agent (`ocf:heartbeat:IPaddr2`) and asks it what it is. Ask again after its package was upgraded. Errors: `bad-name`, `no-agent`,
 * `not-executable`, and `bad-metadata` where its answer cannot be used or does not come within 30 s.
 */
export async function describeAgent(text: string, host: AgentHost): Promise<Result<Agent, DescribeFailure>> {
  const name = parseAgentName(text);
  if (!name.ok) return name;
  const path = await findAgent(name.value, host.root ?? usualRoot);
  if (!path.ok) return path;
  const asked = await ask(name.value, path.value, host);
  if (!asked.ok) return fail('bad-metadata', `${spelled(name.value)} cannot be used. ${asked.error.message}`);
  const parsed = parseMetadata(asked.value.stdout);
  if (parsed.ok)
    return ok({ name: spelled(name.value), ...name.value, path: path.value, metadata: parsed.value });
  return fail(
    'bad-metadata',
    `${spelled(name.value)} cannot be used. ${parsed.error.message}${asked.value.words}`,
  );
}

async function ask(
  name: AgentName,
  path: string,
  host: AgentHost,
): Promise<Result<{ readonly stdout: string; readonly words: string }, string>> {
  const made = await makeTemporary(host.temporary ?? usualTemporary);
  if (!made.ok) return made;
  const facts = { action: 'meta-data', limitMs: metadataMs, intervalMs: 0, level: undefined, meta: {} };
  // The standard's own placeholder: defaults that have the instance in them show where it goes.
  const env = agentEnvironment(name, { name: 'RESOURCE_ID', parameters: {} }, facts, host);
  const ran = await runProgram(
    {
      argv: [path, 'meta-data'],
      env,
      limitMs: metadataMs,
      graceMs: host.graceMs ?? 2000,
      keepBytes: mostBytes,
    },
    host.clock,
  );
  if (!ran.ok) return fail('bad-metadata', `Asked for \`meta-data\`: ${ran.error.message}`);
  const { code, stdout, stderr } = ran.value;
  const text = said(code === 0 ? '' : stdout.text, stderr.text);
  const words = text === '' ? '' : ` It said: ${text}`;
  if (code !== 0)
    return fail('bad-metadata', `Asked for \`meta-data\` it ended with exit code ${code}.${words}`);
  if (stdout.droppedBytes > 0)
    return fail('bad-metadata', `Its answer to \`meta-data\` is longer than ${mostBytes} bytes.`);
  return ok({ stdout: stdout.text, words });
}
