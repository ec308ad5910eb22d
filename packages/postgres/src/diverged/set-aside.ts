import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatLsn } from '@hamn/core';
import type { CopyReport, Upstream } from '@hamn/engine';
import type { Source } from '../actions/job.ts';
import { type ControlData, newestTimeline } from '../files/control-data.ts';
import { type Limit, reasonOf } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { type Account, asAccount } from '../process/account.ts';
import { runTool } from '../process/run-tool.ts';
import { type OwnPart, ownParts, stretches } from './fork.ts';
import { type DivergedReport, KeptWal } from './kept.ts';
import { nameRelations } from './names.ts';
import { type WalCount, WalCounter } from './wal-count.ts';

/** Looking must not keep a standby away for long. */
const mostMs = 20_000;

export interface SetAside {
  readonly upstream: Upstream;
  readonly source: Source;
  readonly account: Account;
  readonly control: ControlData;
  readonly keepMs: number;
}

/** Where the caller says nothing: the default of the setting. */
export const keepDivergedMs: number = 7 * 86_400_000;

/**
 * Before a rewind or clone destroys it: counts what only this node has, and keeps its WAL from the fork on when a transaction in it had committed. Nothing here stands in
 * the way of coming back: what fails is said in the report.
 */
export async function setAside(parts: Parts, given: SetAside, limit: Limit): Promise<CopyReport | undefined> {
  try {
    const own = await historyOf(parts, newestTimeline(given.control));
    const { timeline, history } = given.source;
    const forked = ownParts(stretches(newestTimeline(given.control), own), stretches(timeline, history));
    return forked.length === 0 ? undefined : await lookAndKeep(parts, given, forked, limit);
  } catch (error) {
    const message = `What this node had and ${given.upstream.node} has not could not be looked into: ${reasonOf(error)}.`;
    return { lost: true, message };
  }
}

async function historyOf(parts: Parts, timeline: number): Promise<string> {
  if (timeline === 1) return '';
  const name = `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  return await readFile(join(parts.options.dataDirectory, 'pg_wal', name), 'utf8');
}

async function lookAndKeep(
  parts: Parts,
  given: SetAside,
  forked: readonly OwnPart[],
  limit: Limit,
): Promise<CopyReport> {
  const [first] = forked as [OwnPart];
  const where = `on timeline ${first.timeline} after ${formatLsn(first.from)}`;
  const count = await countAll(parts, given.account, forked, Math.min(mostMs, limit.leftMs()));
  if (count.commits === 0 && !count.isPartial)
    return {
      lost: false,
      message: `Nothing that ${given.upstream.node} lacks was committed here ${where}: nothing is kept.`,
    };
  const now = parts.clock.wallMs();
  const until = now + given.keepMs;
  const kept = new KeptWal(parts.options.dataDirectory);
  const path = kept.pathFor(first.timeline, now);
  const isWhole = await kept.keep(path, forked, given.control.segmentBytes);
  const relations = await nameRelations(parts, given.upstream, count.relations, limit.part(0.05));
  const summary = `${sumUp(count)} ${where}, which ${given.upstream.node} lacks. ${isWhole ? 'The WAL' : 'A part of the WAL (there was no room for all)'} is kept in ${path} until ${new Date(until).toISOString().slice(0, 16)}Z.`;
  const report: DivergedReport = {
    summary,
    atWallMs: now,
    untilWallMs: until,
    source: given.upstream.node,
    systemId: given.control.systemId,
    parts: forked.map(({ timeline, from, to }) => ({
      timeline,
      from: formatLsn(from),
      to: to === undefined ? undefined : formatLsn(to),
    })),
    commits: count.commits,
    isPartial: count.isPartial,
    relations,
  };
  await kept.report(path, report);
  return { lost: true, message: summary };
}

function sumUp({ commits, relations, isPartial }: WalCount): string {
  const sum = (of: 'inserted' | 'updated' | 'deleted'): number =>
    relations.reduce((total, relation) => total + relation[of], 0);
  const rows = `rows: ${sum('inserted')} inserted, ${sum('updated')} updated, ${sum('deleted')} deleted, in ${relations.length} ${relations.length === 1 ? 'relation' : 'relations'}`;
  const what = commits === 1 ? '1 transaction was' : `${commits} transactions were`;
  return `${isPartial ? 'At least ' : ''}${what} committed here (${rows})`;
}

/** pg_waldump ends with an error at the end of the WAL: that is how it knows the end. */
async function countAll(
  parts: Parts,
  account: Account,
  forked: readonly OwnPart[],
  timeoutMs: number,
): Promise<WalCount> {
  const counter = new WalCounter();
  const { binDirectory, dataDirectory } = parts.options;
  let isCut = false;
  for (const { timeline, from, to } of forked) {
    const command = [
      join(binDirectory, 'pg_waldump'),
      `--path=${join(dataDirectory, 'pg_wal')}`,
      `--timeline=${timeline}`,
      `--start=${formatLsn(from)}`,
      ...(to === undefined ? [] : [`--end=${formatLsn(to)}`]),
    ];
    const ran = await runTool({
      command: asAccount(account, command),
      timeoutMs: Math.max(1, Math.floor(timeoutMs / forked.length)),
      printed: (text) => counter.hear(text),
    });
    if (!ran.ok) isCut = true;
    else if (/could not (find|open) file/.test(ran.value.stderr)) isCut = true;
  }
  const { count } = counter;
  return { ...count, isPartial: count.isPartial || isCut };
}
