import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, castOf, waitFor } from '../cluster/index.ts';
import { applySettings, settingsOf } from '../cluster/settings.ts';
import { requireOn } from '../lab/site.ts';

/** How soon the standby has what the primary has. By a look at both nodes' files each few milliseconds from here: one process, one clock. */
export interface SyncResult {
  readonly files: number;
  readonly changes: number;
  /** From the end of a change on the primary until the standby has it. */
  readonly median_ms: number;
  readonly p99_ms: number;
  readonly longest_ms: number;
  readonly within_1s_percent: number;
  /** From before the first of a thousand new files until the last of them is there. */
  readonly thousand_files_ms: number;
  /** From the power-on of a standby without power, for which a fifth of the files changed meanwhile, until its files are the same. */
  readonly away_level_s: number;
}

const settleMs = 120_000;
const fillMs = 300_000;
const lookMs = 4;
const folder = '/srv/bench-sync';
const perFolder = 100;

/** One of the tree's files on both nodes, and what is to be seen on the standby once a change is there. */
interface Change {
  readonly path: string;
  /** Undefined: it was deleted. */
  readonly content: string | undefined;
  readonly atMs: number;
}

/** @throws Error when the copy does not get level */
export async function sync(
  cluster: Cluster,
  files: number,
  changes: number,
  say: (line: string) => void,
): Promise<SyncResult> {
  const { primary, standby } = await castOf(cluster, settleMs);
  const before = await settingsOf(cluster, primary);
  const here = await rootOf(cluster, primary);
  try {
    say(`${files} files are made on ${primary}`);
    for (let file = 0; file < files; file += 1) put(here, nameOf(file), `${file} 0`);
    await applySettings(
      cluster,
      primary,
      `${before}    resources:\n      bench: {kind: sync, paths: [${folder}]}\n`,
    );
    await sameOn(cluster, primary, standby);
    say(`${changes} changes, one after the other`);
    const took = await timeChanges(here, await rootOf(cluster, standby), files, changes);
    const thousand = await timeThousand(here, await rootOf(cluster, standby));
    say(`${standby} is away, and comes back`);
    await cluster.lab.powerOff(standby);
    for (let file = 0; file < files; file += 5) put(here, nameOf(file), `${file} away`);
    const onAt = performance.now();
    await cluster.lab.powerOn(standby);
    await sameOn(cluster, primary, standby);
    const awayMs = performance.now() - onAt;
    return {
      files,
      changes,
      median_ms: at(took, 0.5),
      p99_ms: at(took, 0.99),
      longest_ms: at(took, 1),
      within_1s_percent: Math.round((took.filter((ms) => ms <= 1000).length / took.length) * 1e4) / 100,
      thousand_files_ms: thousand,
      away_level_s: Math.round(awayMs / 100) / 10,
    };
  } finally {
    await cluster.healthy(settleMs);
    await applySettings(cluster, primary, before);
    for (const node of cluster.options.data) rmSync(join(await rootOf(cluster, node), folder), removed);
  }
}

const removed = { recursive: true, force: true } as const;

/** A node's files, as this machine sees them. */
const rootOf = async ({ lab }: Cluster, node: string): Promise<string> =>
  `/proc/${requireOn(await lab.site(), node)}/root`;

const nameOf = (file: number): string => `${folder}/d${Math.floor(file / perFolder)}/f${file}`;

function put(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** In turn: written in place, replaced, made and deleted; anywhere in the tree. */
function change(root: string, files: number, number: number): Change {
  const path = nameOf((number * 7919) % files);
  const file = join(root, path);
  const content = `change ${number}`;
  const done = (what: string, now: string | undefined): Change => ({
    path: what,
    content: now,
    atMs: performance.now(),
  });
  switch (number % 4) {
    case 0:
      writeFileSync(file, content);
      return done(path, content);
    case 1:
      writeFileSync(`${file}.new`, content);
      renameSync(`${file}.new`, file);
      return done(path, content);
    case 2:
      writeFileSync(`${file}.made${number}`, content);
      return done(`${path}.made${number}`, content);
    default:
      rmSync(file, { force: true });
      return done(path, undefined);
  }
}

const isThere = (root: string, { path, content }: Change): boolean => {
  try {
    return readFileSync(join(root, path), 'utf8') === content;
  } catch {
    return content === undefined;
  }
};

/** Ascending, in milliseconds. @throws Error when one does not arrive */
async function timeChanges(
  here: string,
  there: string,
  files: number,
  changes: number,
): Promise<readonly number[]> {
  const took: number[] = [];
  let open: Change[] = [];
  let next = performance.now();
  for (let number = 0; number < changes || open.length > 0; await sleep(lookMs)) {
    if (number < changes && performance.now() >= next) {
      open.push(change(here, files, number));
      number += 1;
      // Uneven, so that no beat of the sender's is met each time.
      next = performance.now() + 20 + ((number * 37) % 160);
    }
    const now = performance.now();
    const late = open.find(({ atMs }) => now - atMs > settleMs);
    if (late !== undefined) throw new Error(`${late.path} has not arrived after ${settleMs} ms.`);
    open = open.filter((one) => {
      if (!isThere(there, one)) return true;
      took.push(now - one.atMs);
      return false;
    });
  }
  return took.sort((a, b) => a - b);
}

async function timeThousand(here: string, there: string): Promise<number> {
  const many = `${folder}/many`;
  const beganAt = performance.now();
  for (let file = 0; file < 1000; file += 1) put(here, `${many}/${file}`, 'x'.repeat(4000));
  const seen = await waitFor(settleMs, lookMs, async () =>
    existsSync(join(there, many)) && readdirSync(join(there, many)).filter(isWhole).length === 1000
      ? true
      : undefined,
  );
  if (seen === undefined) throw new Error(`A thousand files have not arrived after ${settleMs} ms.`);
  return Math.round(performance.now() - beganAt);
}

/** rsync's own files begin with a dot. */
const isWhole = (name: string): boolean => !name.startsWith('.');

/** @throws Error when they are not after a while */
async function sameOn(cluster: Cluster, primary: string, standby: string): Promise<void> {
  const list = `cd ${folder} && find . \\( -type d -printf '%p %m %T@\\n' -o -printf '%p %m %T@ %s\\n' \\) | sort | md5sum`;
  const onNode = async (node: string): Promise<string> =>
    (await cluster.lab.exec(node, ['sh', '-c', list], { timeoutMs: 60_000 })).stdout;
  const same = await waitFor(fillMs, 100, async () => {
    const [a, b] = await Promise.all([onNode(primary), onNode(standby)]).catch(() => ['here', 'there']);
    return a === b && a !== '' ? true : undefined;
  });
  if (same === undefined) throw new Error(`${standby} has not the files of ${primary} after ${fillMs} ms.`);
}

const at = (sorted: readonly number[], part: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN);
