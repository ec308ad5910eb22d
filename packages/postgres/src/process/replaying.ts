import { readFile } from 'node:fs/promises';
import { serverProcesses } from './postmaster.ts';

/** The WAL file that a server's startup process replays now, by its process title (`update_process_title`, on by default on Linux). */
export async function replayingFile(dataDirectory: string): Promise<string | undefined> {
  for (const pid of await serverProcesses(dataDirectory)) {
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const file = /\bstartup\s+recovering ([0-9A-F]{24})/.exec(title)?.[1];
    if (file !== undefined) return file;
  }
  return undefined;
}
