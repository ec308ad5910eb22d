import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasonOf } from '../limit.ts';
import { killGroup } from '../process/run-tool.ts';
import { syncDirectory, writeAtomically } from './write.ts';

export type JobKind = 'clone' | 'rewind';

export interface JobRecord {
  readonly kind: JobKind;
  /** For people. */
  readonly startedAt: string;
  /** The process group that does the work, and its start time in the kernel's ticks (proc(5), field 22) to know it again. */
  readonly pid?: number | undefined;
  readonly pidStart?: string | undefined;
}

/** `postgres-job.json`: while it exists, the data directory is half done and must be cloned. It survives hamnd and the machine. */
export class JobMarker {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** An unreadable marker counts as a clone: whatever began, it did not end. */
  async read(): Promise<JobRecord | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      return reasonOf(error).includes('ENOENT') ? undefined : { kind: 'clone', startedAt: 'unknown' };
    }
    return parse(text) ?? { kind: 'clone', startedAt: 'unknown' };
  }

  async write(kind: JobKind, wallMs: number, pid?: number): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const record: JobRecord = {
      kind,
      startedAt: new Date(wallMs).toISOString(),
      pid,
      pidStart: pid === undefined ? undefined : await startTicks(pid),
    };
    await writeAtomically(this.path, `${JSON.stringify(record)}\n`, { owner: undefined, mode: 0o600 });
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await syncDirectory(dirname(this.path));
  }

  /** Ends the work of an earlier hamnd that may still write into the directory. */
  async killLeftover(): Promise<void> {
    const record = await this.read();
    if (record?.pid === undefined || record.pidStart === undefined) return;
    if ((await startTicks(record.pid)) === record.pidStart) killGroup(record.pid);
  }
}

function parse(text: string): JobRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  if (value.kind !== 'clone' && value.kind !== 'rewind') return undefined;
  const startedAt = 'startedAt' in value && typeof value.startedAt === 'string' ? value.startedAt : 'unknown';
  const pid = 'pid' in value && typeof value.pid === 'number' ? value.pid : undefined;
  const pidStart = 'pidStart' in value && typeof value.pidStart === 'string' ? value.pidStart : undefined;
  return { kind: value.kind, startedAt, pid, pidStart };
}

async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
