import { readFile } from 'node:fs/promises';
import { type NodeFile, readNodeFile } from '@hamn/config';
import { fail, ok, type Result } from '@hamn/core';

/** Reads the node file. Errors: `no-file` and `bad-config`, sentences with the remedy. */
export async function loadNodeFile(path: string): Promise<Result<NodeFile, 'no-file' | 'bad-config'>> {
  const text = await loadText(path);
  if (!text.ok)
    return fail(
      'no-file',
      `${text.error.message} Name the node file with --config; an example is in ${examples}.`,
    );
  const read = readNodeFile(text.value, path);
  return read.ok ? ok(read.value) : fail('bad-config', read.error.message);
}

const examples = '/usr/share/doc/hamn/examples';

/** Reads a text file. */
export async function loadText(path: string): Promise<Result<string, 'no-file'>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    return fail('no-file', fileTrouble(path, error));
  }
}

function fileTrouble(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `There is no file ${path}.`;
  if (code === 'EACCES') return `The file ${path} may not be read by this user. Run hamnctl as root.`;
  if (code === 'EISDIR') return `${path} is a directory; a file is wanted.`;
  return `The file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
}
