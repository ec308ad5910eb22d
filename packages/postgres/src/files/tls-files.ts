import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { fail, ok, type PostgresTls, type Result } from '@hamn/core';
import type { Upstream } from '@hamn/engine';
import { type Outcome, reasonOf } from '../limit.ts';
import type { Account } from '../process/account.ts';
import { exists } from './data-directory.ts';
import { writeAtomically } from './write.ts';

/** What libpq is told: paths that PostgreSQL's user can read. */
export interface LibpqTls {
  readonly mode: PostgresTls['mode'];
  readonly rootCert: string | undefined;
  readonly client: { readonly cert: string; readonly key: string } | undefined;
}

/**
 * The node's certificates for PostgreSQL's own programs. The admin's files are root's; libpq runs as PostgreSQL's user and takes a key only of that user (before
 * version 14) and with mode 600, so hamn keeps copies for it beside the password file.
 */
export class TlsFiles {
  readonly #tls: PostgresTls | undefined;
  readonly #directory: string;

  constructor(tls: PostgresTls | undefined, directory: string) {
    this.#tls = tls;
    this.#directory = directory;
  }

  get libpq(): LibpqTls | undefined {
    const tls = this.#tls;
    if (tls === undefined) return undefined;
    return {
      mode: tls.mode,
      rootCert: tls.rootCert === undefined ? undefined : this.#copy('root.crt'),
      client:
        tls.client === undefined
          ? undefined
          : { cert: this.#copy('client.crt'), key: this.#copy('client.key') },
    };
  }

  /** Brings the copies up to date. One that is there serves on when its original cannot be read; `problems` tells. */
  async prepare(owner: Account): Promise<Outcome<undefined>> {
    for (const { from, to } of this.#pairs()) {
      const text = await read(from);
      if (text.ok) {
        const present = await readFile(to, 'utf8').catch(() => undefined);
        if (present !== text.value)
          await writeAtomically(to, text.value, { owner, mode: 0o600, inAnyDirectory: true });
      } else if (!(await exists(to))) return fail('files', text.error.message);
    }
    return ok(undefined);
  }

  async current(): Promise<boolean> {
    for (const { from, to } of this.#pairs()) {
      const text = await read(from);
      if (text.ok && (await readFile(to, 'utf8').catch(() => undefined)) !== text.value) return false;
    }
    return true;
  }

  async problems(): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const { from } of this.#pairs()) {
      const text = await read(from);
      if (!text.ok) problems.push(text.error.message);
    }
    return problems;
  }

  /** For a session of hamn's own with another node; undefined: without TLS. */
  async sessionOptions(upstream: Upstream): Promise<Result<ConnectionOptions | undefined>> {
    const tls = this.#tls;
    if (tls === undefined || tls.mode === 'off') return ok(undefined);
    const texts = new Map<string, string>();
    for (const { from } of this.#pairs()) {
      const text = await read(from);
      if (!text.ok) return text;
      texts.set(from, text.value);
    }
    const of = (path: string | undefined): string => texts.get(path ?? '') ?? '';
    return ok({
      // The node's name is in its certificate, as for hamnd's own connections.
      servername: upstream.node,
      rejectUnauthorized: tls.rootCert !== undefined,
      ...(tls.rootCert === undefined ? {} : { ca: of(tls.rootCert) }),
      ...(tls.client === undefined ? {} : { cert: of(tls.client.cert), key: of(tls.client.key) }),
      ...(tls.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    });
  }

  #pairs(): readonly { readonly from: string; readonly to: string }[] {
    const tls = this.#tls;
    if (tls === undefined) return [];
    return [
      ...(tls.rootCert === undefined ? [] : [{ from: tls.rootCert, to: this.#copy('root.crt') }]),
      ...(tls.client === undefined
        ? []
        : [
            { from: tls.client.cert, to: this.#copy('client.crt') },
            { from: tls.client.key, to: this.#copy('client.key') },
          ]),
    ];
  }

  #copy(name: string): string {
    return join(this.#directory, name);
  }
}

async function read(path: string): Promise<Result<string, 'files'>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    return fail('files', `The file ${path} of postgres.tls cannot be read: ${reasonOf(error)}.`);
  }
}
