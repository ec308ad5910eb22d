import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeFolder, replaceFile } from '../receiver/permit.ts';
import type { OwnKeys } from './keys.ts';

const schema = z.record(z.string(), z.object({ key: z.string(), hostKey: z.string() }));

/** Keys as other nodes announced them. Kept on the disk, for a node's word in etcd ends with its lease. */
export class KnownPeers {
  readonly #file: string;
  readonly #keys: Map<string, OwnKeys>;

  constructor(file: string) {
    this.#file = file;
    this.#keys = new Map(Object.entries(read(file)));
  }

  of(node: string): OwnKeys | undefined {
    return this.#keys.get(node);
  }

  /** The newest word counts: a node that was installed anew has other keys. */
  learn(node: string, keys: OwnKeys): void {
    const before = this.#keys.get(node);
    if (before?.key === keys.key && before.hostKey === keys.hostKey) return;
    if (!isPublicKey(keys.key) || !isPublicKey(keys.hostKey)) return;
    this.#keys.set(node, { key: keys.key, hostKey: keys.hostKey });
    makeFolder(dirname(this.#file));
    replaceFile(this.#file, JSON.stringify(Object.fromEntries(this.#keys)));
  }
}

/** What is no key would be an option, or another line, in the files of sshd. */
export const isPublicKey = (text: string): boolean => /^[a-z0-9@.-]+ [A-Za-z0-9+/=]{40,1000}$/.test(text);

function read(file: string): Readonly<Record<string, OwnKeys>> {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}
