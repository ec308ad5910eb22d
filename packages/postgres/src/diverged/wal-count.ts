/** What committed transactions did to one relation. */
export interface RelationCount {
  /** `<tablespace>/<database>/<relfilenode>`, all numbers, as WAL names it. */
  readonly relation: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface WalCount {
  /** Transactions that committed; one that changed no row (DDL, autovacuum) counts, too. */
  readonly commits: number;
  /** The user's relations only. */
  readonly relations: readonly RelationCount[];
  /** The count is a lower bound: more transactions were open than are kept apart. */
  readonly isPartial: boolean;
}

type Rows = Map<string, { inserted: number; updated: number; deleted: number }>;

const mostOpen = 50_000;
/** FirstNormalObjectId (access/transam.h): below it are the system's own catalogs. */
const firstOfUsers = 16_384;

/**
 * Counts what pg_waldump prints, line by line. The forms are those of PostgreSQL 13 to 17 (heapdesc.c, xactdesc.c). Rows count once their transaction's commit has been
 * read, those of its subtransactions with it.
 */
export class WalCounter {
  readonly #open = new Map<string, Rows>();
  readonly #committed: Rows = new Map();
  #commits = 0;
  #isPartial = false;
  #rest = '';

  hear(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  get count(): WalCount {
    const relations = [...this.#committed].map(([relation, rows]) => ({ relation, ...rows }));
    return { commits: this.#commits, relations, isPartial: this.#isPartial };
  }

  #line(line: string): void {
    if (line.startsWith('rmgr: Heap')) this.#heap(line);
    else if (line.startsWith('rmgr: Transaction')) this.#transaction(line);
  }

  #heap(line: string): void {
    const [, xid, what = '', rest = ''] = /tx: +(\d+), .*?desc: (\S+)(.*)/.exec(line) ?? [];
    const [, relation, node] = /rel (\d+\/\d+\/(\d+))/.exec(rest) ?? [];
    if (xid === undefined || xid === '0' || relation === undefined || Number(node) < firstOfUsers) return;
    const kind = what.replace('+INIT', '');
    const many = Number(/^ (?:ntuples: )?(\d+)/.exec(rest)?.[1] ?? 1);
    if (kind === 'INSERT') this.#rows(xid, relation).inserted += 1;
    else if (kind === 'MULTI_INSERT') this.#rows(xid, relation).inserted += many;
    else if (kind === 'UPDATE' || kind === 'HOT_UPDATE') this.#rows(xid, relation).updated += 1;
    else if (kind === 'DELETE') this.#rows(xid, relation).deleted += 1;
  }

  #rows(xid: string, relation: string): { inserted: number; updated: number; deleted: number } {
    let rows = this.#open.get(xid);
    if (rows === undefined) {
      if (this.#open.size >= mostOpen) {
        this.#isPartial = true;
        this.#open.clear();
      }
      rows = new Map();
      this.#open.set(xid, rows);
    }
    return entry(rows, relation);
  }

  #transaction(line: string): void {
    const [, xid, what, rest = ''] = /tx: +(\d+), .*?desc: (\S+)(.*)/.exec(line) ?? [];
    if (xid === undefined || what === undefined) return;
    const isCommit = what === 'COMMIT' || what === 'COMMIT_PREPARED';
    if (!isCommit && what !== 'ABORT' && what !== 'ABORT_PREPARED') return;
    // Of a prepared transaction the record names its own number; the line's may be 0.
    const own = /^ (\d+):/.exec(rest)?.[1] ?? xid;
    const subs = /subxacts: ((?:\d+ ?)+)/.exec(rest)?.[1]?.trim().split(' ') ?? [];
    if (isCommit) this.#commits += 1;
    for (const one of [own, ...subs]) {
      const rows = this.#open.get(one);
      this.#open.delete(one);
      if (!isCommit || rows === undefined) continue;
      for (const [relation, { inserted, updated, deleted }] of rows) {
        const sum = entry(this.#committed, relation);
        sum.inserted += inserted;
        sum.updated += updated;
        sum.deleted += deleted;
      }
    }
  }
}

function entry(rows: Rows, relation: string): { inserted: number; updated: number; deleted: number } {
  const found = rows.get(relation) ?? { inserted: 0, updated: 0, deleted: 0 };
  rows.set(relation, found);
  return found;
}
