import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { didYouMean } from '@hamn/config';
import { fail, ok, type Result } from '@hamn/core';
import { type AgentName, spelled } from './agent-name.ts';

export type FindFailure = 'no-agent' | 'not-executable';

/** The program of an agent: `<root>/resource.d/<provider>/<type>`. Source: OCF Resource Agent API 1.1, "Resource agent location". */
export async function findAgent(name: AgentName, root: string): Promise<Result<string, FindFailure>> {
  const folder = join(root, 'resource.d', name.provider);
  const path = join(folder, name.type);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return fail('no-agent', await missing(name, root, folder));
  if (!found.isFile())
    return fail('not-executable', `${path} is not a plain file, so ${spelled(name)} cannot be run.`);
  try {
    // For root, too: the kernel asks for one x at least.
    await access(path, constants.X_OK);
  } catch {
    return fail('not-executable', `${path} is not executable; run \`chmod 755 ${path}\`.`);
  }
  return ok(path);
}

async function missing(name: AgentName, root: string, folder: string): Promise<string> {
  const types = await namesIn(folder);
  if (types.length > 0)
    return `${spelled(name)} is not installed on this node: ${folder} has no ${name.type}.${didYouMean(name.type, types)}`;
  const providers = await namesIn(join(root, 'resource.d'));
  if (providers.length === 0)
    return `No OCF agent is installed on this node below ${root}/resource.d. Install them (Debian: the package resource-agents).`;
  return `${spelled(name)} is not installed on this node: it has agents of ${providers.join(', ')}, none of ${name.provider}.${didYouMean(name.provider, providers)}`;
}

const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
