import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { findAgent } from './find-agent.ts';
import { type AgentMetadata, parseMetadata, unusableAgent } from './metadata.ts';
import { runAgent } from './run-agent.ts';
import { said } from './said.ts';

export interface Agent {
  readonly name: string;
  readonly path: string;
  readonly metadata: AgentMetadata;
}

export type AgentFailure = 'no-agent' | 'bad-metadata' | 'unusable';

const metadataMs = 10_000;

/** The installed agents, each asked once what it can do, and again when its program changes. */
export class AgentCatalog {
  readonly #directories: readonly string[];
  readonly #clock: ClockPort;
  readonly #known = new Map<string, { readonly version: string; readonly metadata: AgentMetadata }>();

  constructor(directories: readonly string[], clock: ClockPort) {
    this.#directories = directories;
    this.#clock = clock;
  }

  async find(name: string): Promise<Result<Agent, AgentFailure>> {
    const found = await findAgent(name, this.#directories);
    if (!found.ok) return found;
    const { path, version } = found.value;
    const known = this.#known.get(path);
    if (known?.version === version) return ok({ name, path, metadata: known.metadata });
    const asked = await this.#ask(name, path);
    if (!asked.ok) return asked;
    this.#known.set(path, { version, metadata: asked.value });
    return ok({ name, path, metadata: asked.value });
  }

  async #ask(name: string, path: string): Promise<Result<AgentMetadata, AgentFailure>> {
    const ran = await runAgent({ path, input: 'action=metadata\n', limitMs: metadataMs }, this.#clock);
    if (!ran.ok)
      return fail('bad-metadata', `${name} does not tell what it can do (metadata): ${ran.error.message}`);
    const parsed = parseMetadata(ran.value.stdout);
    if (!parsed.ok) {
      const words = said(ran.value, []);
      const why = words === '' ? '' : ` It said: ${words}`;
      return fail('bad-metadata', `${name} cannot be used. ${parsed.error.message}${why}`);
    }
    const unusable = unusableAgent(name, parsed.value);
    return unusable === undefined ? parsed : fail('unusable', unusable);
  }
}
