import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makePackage } from '../../deploy/package/make-package.ts';
import { Cluster } from '../cluster/index.ts';
import { ensureHostPackages } from '../lab/host-packages.ts';
import { Lab, type Volume } from '../lab/index.ts';
import { STATE_ROOT } from '../lab/layout.ts';
import { keepJournals } from './journals.ts';
import { isPlant, type Plant, plants } from './plant.ts';
import { FaultRunner } from './run.ts';

const usage =
  'npm run faults -- [--minutes N] [--seed S] [--from ROUND] [--to ROUND] [--fresh] [--keep] [--plant WRONG]\n' +
  'Rounds of faults on a real cluster in the lab; everything but the weather follows from the seed.\n' +
  '--keep: the machines go on running, and the logs stay even when all was well.\n' +
  `--plant: a wrong is done on purpose, to see that it is found: ${plants.join(', ')}.`;

/** A lab of its own: its disks are in image files. */
const labName = process.env['HAMN_LAB'] ?? 'hamnlab-faults';
const volumes: readonly Volume[] = [
  { path: '/', mb: 3072 },
  { path: '/var/lib/postgresql', mb: 1536 },
  { path: '/var/lib/hamn', mb: 32 },
];
const keptRuns = 10;

function stop(message: string): never {
  console.error(`faults: ${message}\n${usage}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        minutes: { type: 'string', default: '10' },
        seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
        from: { type: 'string', default: '1' },
        to: { type: 'string', default: '1000000' },
        fresh: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        plant: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return stop(error instanceof Error ? error.message : String(error));
  }
}

function above(name: string, text: string, least: number): number {
  const value = Number(text);
  return text !== '' && Number.isFinite(value) && value >= least
    ? value
    : stop(`--${name} must be a number of at least ${least}, not '${text}'.`);
}

function plantOf(text: string | undefined): Plant | undefined {
  if (text === undefined || isPlant(text)) return text;
  return stop(`there is no wrong '${text}' to plant.`);
}

const values = readArguments();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const seed = above('seed', values.seed, 0);
const minutes = above('minutes', values.minutes, 0.1);
const plant = plantOf(values.plant);
const runs = join(STATE_ROOT, 'faults');
const folder = join(runs, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-seed-${seed}`);
const say = (line: string): void => console.log(line);

async function bringUp(cluster: Cluster): Promise<void> {
  await ensureHostPackages(say);
  const packageFile = await makePackage();
  try {
    await cluster.up(packageFile, { fresh: values.fresh });
  } catch (error) {
    say(`made anew: ${error instanceof Error ? error.message : String(error)}`);
    await cluster.up(packageFile, { fresh: true });
  }
}

/** The oldest runs go: nobody looks at them any more. */
function forgetOldRuns(): void {
  mkdirSync(runs, { recursive: true });
  for (const name of readdirSync(runs).sort().slice(0, -keptRuns))
    rmSync(join(runs, name), { recursive: true, force: true });
}

let runner: FaultRunner | undefined;

async function main(): Promise<number> {
  const lab = new Lab({ name: labName, volumes });
  const cluster = new Cluster(lab, {}, say);
  say(`seed ${seed}, ${minutes} minutes; the timeline goes to ${folder}`);
  try {
    await bringUp(cluster);
    runner = new FaultRunner(
      cluster,
      {
        seed,
        lengthMs: minutes * 60_000,
        firstRound: above('from', values.from, 1),
        lastRound: above('to', values.to, 1),
        plant,
        folder,
      },
      say,
    );
    const log = await runner.run();
    const failed = log.violations.length;
    if (failed > 0 || plant !== undefined) cluster.forget();
    if (failed > 0 || values.keep) await keepJournals(cluster, folder);
    else rmSync(join(folder, 'logs'), { recursive: true, force: true });
    forgetOldRuns();
    say(`timeline: ${join(folder, 'timeline.svg')}`);
    say(`${log.rounds.length} rounds, ${log.faults.length} faults, ${failed} violations (seed ${seed})`);
    return failed === 0 ? 0 : 1;
  } finally {
    if (!values.keep) await lab.down();
  }
}

async function abandon(): Promise<void> {
  await runner?.abandon();
  await new Lab({ name: labName }).down();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void abandon().finally(() => process.exit(130)));
process.exit(await main());
