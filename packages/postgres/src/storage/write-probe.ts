import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, asAccount } from '../process/account.ts';
import { saysNoSpace } from '../process/free-space.ts';
import { lastLines, runTool } from '../process/run-tool.ts';

export type WriteVerdict =
  | { readonly state: 'well' }
  | { readonly state: 'hung' | 'read-only' | 'failing'; readonly reason: string };

/** pg_basebackup, pg_rewind and the server itself pass over files of this prefix (common/file_utils.h, PG_TEMP_FILE_PREFIX). */
const fileName = 'pgsql_tmp_hamn_probe';

/** One block written and flushed by a process of its own, as PostgreSQL's user: a write that hangs cannot be ended, and must not hold hamnd. */
export class WriteProbe {
  /** A process of an earlier look that could not be killed. */
  #stuck: number | undefined;

  async look(directory: string, account: Account, timeoutMs: number): Promise<WriteVerdict> {
    const hung = {
      state: 'hung',
      reason: `a write and its flush have not come back for ${timeoutMs} ms.`,
    } as const;
    if (this.#stuck !== undefined && (await isThere(this.#stuck))) return hung;
    this.#stuck = undefined;
    let pid: number | undefined;
    const ran = await runTool({
      command: asAccount(account, [
        'dd',
        'if=/dev/zero',
        `of=${join(directory, fileName)}`,
        'bs=512',
        'count=1',
        'conv=notrunc,fsync',
        'status=none',
      ]),
      timeoutMs,
      started: async (started) => {
        pid = started;
      },
    });
    if (!ran.ok) {
      if (ran.error.code !== 'timeout') return { state: 'well' };
      this.#stuck = pid;
      return hung;
    }
    const said = lastLines(ran.value.stderr, 1);
    if (ran.value.code === 0 || saysNoSpace(said)) return { state: 'well' };
    if (/Read-only file system/.test(said)) return { state: 'read-only', reason: said };
    // A directory that is not there, or that its owner may not enter, is no sign of a sick disk.
    if (/Input\/output error|Structure needs cleaning|Remote I\/O error|Stale file handle/.test(said))
      return { state: 'failing', reason: said };
    return { state: 'well' };
  }
}

const isThere = (pid: number): Promise<boolean> =>
  stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
