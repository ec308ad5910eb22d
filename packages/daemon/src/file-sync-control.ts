import type { FileSyncBody, FileSyncDiffDocument, FileSyncDocument, SenderReport } from '@hamn/api';
import { fail, ok, type Result } from '@hamn/core';
import type { JournalPort } from '@hamn/engine';
import type { FileSync } from '@hamn/filesync';

/** `refused`: this node does not send it. `timeout`: the sender does not answer. */
export type FileSyncFailure = 'refused' | 'timeout';

type Copying = Pick<FileSync, 'primary' | 'names' | 'reports' | 'ask' | 'diff'>;

/** A scrape must not wait for a sender that hangs. */
const reportMs = 500;
const askMs = 5000;
const diffMs = 65_000;

/** What an admin may see and ask of the copying of files, on the node that sends. */
export class FileSyncControl {
  readonly #node: string;
  readonly #fileSync: () => Copying | undefined;
  readonly #journal: JournalPort;

  /** `fileSync` gives undefined on a witness, and until hamnd has its settings. */
  constructor(node: string, fileSync: () => Copying | undefined, journal: JournalPort) {
    this.#node = node;
    this.#fileSync = fileSync;
    this.#journal = journal;
  }

  async reports(): Promise<readonly SenderReport[]> {
    return (await this.#fileSync()?.reports(reportMs)) ?? [];
  }

  async document(): Promise<FileSyncDocument> {
    const copying = this.#fileSync();
    return {
      schema: 1,
      node: this.#node,
      primary: copying?.primary,
      atWallMs: Date.now(),
      resources: copying?.names ?? [],
      senders: await this.reports(),
    };
  }

  async diff(resource: string): Promise<Result<FileSyncDiffDocument, FileSyncFailure>> {
    const found = await this.#fileSync()?.diff(resource, diffMs);
    if (found?.ok !== true) return this.#refuse(found);
    return ok({ schema: 1, node: this.#node, resource, diffs: found.value });
  }

  async ask(
    question: 'now' | 'adopt',
    { resource, by }: FileSyncBody,
  ): Promise<Result<string, FileSyncFailure>> {
    const asked = await this.#fileSync()?.ask(resource, question, askMs);
    if (asked?.ok !== true) return this.#refuse(asked);
    const message =
      question === 'now'
        ? `All files of ${resource} are being compared now; \`hamnctl sync\` shows how far it is.`
        : `The files of ${resource} on ${this.#node} count from now on, and are sent to the other nodes.`;
    this.#journal.write({
      event: `sync.${question}`,
      level: 'info',
      message: `${by} asked: ${message}`,
      fields: { resource },
    });
    return ok(message);
  }

  #refuse(result: Result<unknown> | undefined): Result<never, FileSyncFailure> {
    const error = result?.ok === false ? result.error : undefined;
    if (error?.code === 'timeout') return fail('timeout', error.message);
    if (error?.code === 'unknown-resource' || error?.code === 'unreadable')
      return fail('refused', error.message);
    const sender = this.#fileSync()?.primary;
    const where = sender === undefined || sender === this.#node ? '' : ` ${sender} is primary: ask there.`;
    return fail('refused', `No sender of files runs on ${this.#node}.${where}`);
  }
}
