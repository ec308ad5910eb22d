import { join } from 'node:path';
import type { SoftwareView } from '@hamn/core';
import { runTool } from './run-tool.ts';

const askMs = 3000;

/** The server programs and the C library of this machine. Asked once: both change with an upgrade, which restarts hamnd or PostgreSQL. */
export class Software {
  readonly #program: string;
  #asking = false;
  #view: SoftwareView | undefined;

  constructor(binDirectory: string) {
    this.#program = join(binDirectory, 'postgres');
  }

  /** Asks anew with the next look. */
  refresh(): void {
    this.#asking = false;
  }

  /** Undefined before the first answer. */
  view(): SoftwareView | undefined {
    if (!this.#asking) {
      this.#asking = true;
      void this.ask();
    }
    return this.#view;
  }

  async ask(): Promise<SoftwareView> {
    const ran = await runTool({ command: [this.#program, '--version'], timeoutMs: askMs });
    const postgres = ran.ok ? /\d+(?:\.\d+)*/.exec(ran.value.stdout)?.[0] : undefined;
    this.#view = { postgres, libc: libcVersion(), architecture: process.arch };
    return this.#view;
  }
}

let libc: string | undefined;

function libcVersion(): string | undefined {
  if (libc !== undefined) return libc;
  // Its list of interfaces would be looked up in the DNS.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const header = isRecord(report) ? report['header'] : undefined;
  const version = isRecord(header) ? header['glibcVersionRuntime'] : undefined;
  if (typeof version === 'string') libc = version;
  return libc;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
