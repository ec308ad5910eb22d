import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Outcome, runStep } from '../check/step.ts';
import type { ModelRun } from './run.ts';
import { type Finding, readFinding } from './verifier-output.ts';

const model: string = fileURLToPath(new URL('../../docs/model/term.pml', import.meta.url));
const generateLimitMs = 30_000;
const compileLimitMs = 120_000;
/** Beyond the depth of every search; a search that reaches it is unfinished. */
const maxDepth = 1_000_000;

export interface SearchLimits {
  readonly searchMs: number;
  readonly memoryMb: number;
  /** States are stored compressed: half the memory, twice the time. */
  readonly compact: boolean;
}

export interface Search extends Finding {
  readonly run: ModelRun;
  readonly tookMs: number;
}

const flags = (run: ModelRun): readonly string[] => run.defines.map((define) => `-D${define}`);

/** Generates the verifier in a folder of its own below `folder`, compiles it, and searches to the end or a limit. Never throws. */
export async function search(modelRun: ModelRun, folder: string, limits: SearchLimits): Promise<Search> {
  const begun = performance.now();
  const finding = await find(modelRun, join(folder, modelRun.name), limits).catch((error: unknown) =>
    unfinished(error instanceof Error ? error.message : String(error)),
  );
  return { run: modelRun, ...finding, tookMs: performance.now() - begun };
}

async function find(modelRun: ModelRun, folder: string, limits: SearchLimits): Promise<Finding> {
  await mkdir(folder, { recursive: true });
  const step = (argv: readonly string[], limitMs: number): Promise<Outcome> => {
    // spin and its verifiers write into the folder in which they run.
    return runStep({ name: modelRun.name, argv: ['env', `--chdir=${folder}`, ...argv], limitMs });
  };
  const generated = await step(['spin', ...flags(modelRun), '-a', model], generateLimitMs);
  if (!generated.ok) return unfinished(`spin: ${generated.reason}. ${generated.output}`);
  // Breadth first finds the shortest story; depth first, on the way through everything, is the faster one.
  const how = modelRun.expect === 'clean' ? ['-O2'] : ['-O1', '-DBFS'];
  const compact = limits.compact ? ['-DCOLLAPSE'] : [];
  const options = ['-DSAFETY', '-DNOREDUCE', `-DMEMLIM=${limits.memoryMb}`, ...compact, ...how];
  const compiled = await step(['gcc', '-w', ...options, '-o', 'pan', 'pan.c'], compileLimitMs);
  if (!compiled.ok) return unfinished(`gcc: ${compiled.reason}. ${compiled.output}`);
  const searched = await step(['./pan', `-m${maxDepth}`], limits.searchMs);
  const finding = readFinding(searched.output);
  return finding.verdict === 'unfinished' && !searched.ok
    ? { ...finding, reason: `${finding.reason} The search: ${searched.reason}.` }
    : finding;
}

const unfinished = (reason: string): Finding => ({
  verdict: 'unfinished',
  states: 0,
  depth: 0,
  memoryMb: 0,
  reason,
});

/** The story of a search that was caught, as the model's own sentences. */
export async function story(modelRun: ModelRun, folder: string): Promise<string> {
  const argv = ['spin', ...flags(modelRun), '-k', 'term.pml.trail', '-t', '-T', '-B', model];
  const chdir = `--chdir=${join(folder, modelRun.name)}`;
  const told = await runStep({
    name: modelRun.name,
    argv: ['env', chdir, ...argv],
    limitMs: generateLimitMs,
  });
  return told.output;
}
