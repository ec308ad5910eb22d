import { join } from 'node:path';
import { groupSettings, type NodeFile, nodeMismatches, readClusterSettings } from '@hamn/config';
import { fail, type GroupSettings, ok, type Result } from '@hamn/core';
import { readText, writeDurably } from './durable-file.ts';

/** The text of etcd's `config`, read for this node. Errors: `bad-config`, each issue with its place, a line each. */
export function readSettings(
  text: string,
  file: NodeFile,
  group: string,
): Result<GroupSettings, 'bad-config'> {
  const name = `etcd's config of ${file.cluster}`;
  const read = readClusterSettings(text, name);
  if (!read.ok) return fail('bad-config', read.error.message);
  const mismatches = nodeMismatches(file, read.value);
  if (mismatches.length > 0) return fail('bad-config', mismatches.join('\n'));
  const settings = groupSettings(read.value, file.cluster, group);
  if (settings === undefined) return fail('bad-config', `${name} has no group '${group}' under \`groups\`.`);
  return ok(settings);
}

/** The last settings that were valid, so that a restart needs neither etcd nor a parser before its first renewal. */
export class SettingsCache {
  readonly #file: string;

  constructor(stateDirectory: string, group: string) {
    this.#file = join(stateDirectory, `settings-${group}.json`);
  }

  /** Written by this version's own hand only; anything else is not used. */
  read(version: string): GroupSettings | undefined {
    const text = readText(this.#file);
    if (text === undefined) return undefined;
    try {
      const cached: unknown = JSON.parse(text);
      if (typeof cached !== 'object' || cached === null || !('version' in cached) || !('settings' in cached))
        return undefined;
      return cached.version === version ? (cached.settings as GroupSettings) : undefined;
    } catch {
      return undefined;
    }
  }

  write(version: string, settings: GroupSettings): void {
    writeDurably(this.#file, JSON.stringify({ version, settings }));
  }
}
