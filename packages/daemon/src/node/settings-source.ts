import { join } from 'node:path';
import { groupSettings, type NodeFile, nodeMismatches, readClusterSettings } from '@hamn/config';
import { fail, type GroupSettings, ok, type Result } from '@hamn/core';
import { readText, writeDurably } from './durable-file.ts';

/** The text of etcd's `config`, read for this node. Errors: `bad-config`, each issue with its place, a line each. */
export function readSettings(text: string, file: NodeFile): Result<GroupSettings, 'bad-config'> {
  const { group } = file;
  const name = `etcd's config of ${file.cluster}`;
  const read = readClusterSettings(text, name);
  if (!read.ok) return fail('bad-config', read.error.message);
  const settings = groupSettings(read.value, file.cluster, group);
  if (settings === undefined)
    return fail(
      'bad-config',
      `${name} has no group '${group}' under \`groups\`, and the node file says that this node is in it.`,
    );
  const mismatches = nodeMismatches(file, read.value);
  if (mismatches.length > 0) return fail('bad-config', mismatches.join('\n'));
  return ok(settings);
}

/** The last valid text of `config`, so that a restart (of a newer version, too) does not need etcd before its first renewal. */
export class SettingsCache {
  readonly #node: NodeFile;
  readonly #path: string;

  constructor(node: NodeFile) {
    this.#node = node;
    this.#path = join(node.stateDirectory, `config-${node.group}.yaml`);
  }

  read(): GroupSettings | undefined {
    const text = readText(this.#path);
    if (text === undefined) return undefined;
    const settings = readSettings(text, this.#node);
    return settings.ok ? settings.value : undefined;
  }

  write(text: string): void {
    writeDurably(this.#path, text);
  }
}
