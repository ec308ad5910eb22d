import { parseArgs } from 'node:util';
import type { ProfileName } from '@hamn/core';
import { makePackage } from '../../deploy/package/make-package.ts';
import { Cluster, Recorder } from '../cluster/index.ts';
import { ensureHostPackages } from '../lab/host-packages.ts';
import { Lab } from '../lab/index.ts';
import { faults } from './faults.ts';
import { rejoin } from './rejoin.ts';
import { type RunResult, runFault } from './run-fault.ts';
import { sync } from './sync.ts';
import { renderTable } from './table.ts';

const usage = `npm run bench -- failover [--faults ${faults.map((fault) => fault.name).join(',')}] [--repeat N] [--profile default|fast|patient] [--mode synchronous|asynchronous|strict] [--load 500] [--fresh] [--stay]
       npm run bench -- rejoin [--gigabytes 5] [--profile ...] [--fresh] [--stay]
       npm run bench -- sync [--files 10000] [--changes 1000] [--profile ...] [--fresh] [--stay]`;

function stop(message: string): never {
  console.error(`bench: ${message}\nUsage: ${usage}`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        faults: { type: 'string' },
        repeat: { type: 'string', default: '5' },
        profile: { type: 'string', default: 'default' },
        mode: { type: 'string', default: 'synchronous' },
        load: { type: 'string', default: '0' },
        gigabytes: { type: 'string', default: '5' },
        files: { type: 'string', default: '10000' },
        changes: { type: 'string', default: '1000' },
        fresh: { type: 'boolean', default: false },
        stay: { type: 'boolean', default: false },
      },
    });
    const [bench = '', ...more] = positionals;
    if (more.length > 0 || !['failover', 'rejoin', 'sync'].includes(bench))
      stop(`the benches are 'failover', 'rejoin' and 'sync', not '${positionals.join(' ')}'.`);
    return { ...values, bench };
  } catch (error) {
    return stop(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, from: number, to: number): number {
  const number = Number(text);
  return Number.isInteger(number) && number >= from && number <= to
    ? number
    : stop(`--${name} must be a whole number from ${from} to ${to}, not '${text}'.`);
}

const values = readArguments();
const repeat = Number(values.repeat);
if (!Number.isInteger(repeat) || repeat < 1)
  stop(`--repeat must be a whole number above 0, not '${values.repeat}'.`);
const load = Number(values.load);
if (!(load === 0 || (load >= 10 && load <= 5000)))
  stop(`--load must be a number of writes a second from 10 to 5000, or 0 for none, not '${values.load}'.`);
const gigabytes = wholeNumber('gigabytes', values.gigabytes, 1, 100);
const files = wholeNumber('files', values.files, 100, 1_000_000);
const changes = wholeNumber('changes', values.changes, 100, files);
const names = values.faults?.split(',') ?? faults.map((fault) => fault.name);
const chosen = names.map(
  (name) => faults.find((fault) => fault.name === name) ?? stop(`there is no fault '${name}'.`),
);
const isProfile = (text: string): text is ProfileName => ['default', 'fast', 'patient'].includes(text);
const profile = isProfile(values.profile) ? values.profile : stop(`there is no profile '${values.profile}'.`);
const isMode = (text: string): text is 'synchronous' | 'asynchronous' | 'strict' =>
  ['synchronous', 'asynchronous', 'strict'].includes(text);
const asked = isMode(values.mode) ? values.mode : stop(`there is no mode '${values.mode}'.`);
// Only there can a primary that is cut off have writes that nobody else has.
const mode = values.bench === 'rejoin' ? 'asynchronous' : asked;

const say = (line: string): void => console.error(line);
const lab = new Lab({ log: say });
const cluster = new Cluster(lab, { profile, mode }, say);
const recorder = new Recorder(lab, load === 0 ? { intervalMs: 20 } : { intervalMs: 20, load });
const results: RunResult[] = [];
let failed = false;
try {
  await ensureHostPackages(say);
  await cluster.up(await makePackage(), { fresh: values.fresh });
  if (values.bench === 'sync') console.log(JSON.stringify(await sync(cluster, files, changes, say), null, 2));
  else await recorder.start();
  if (values.bench === 'rejoin')
    for (const way of await rejoin(cluster, recorder, gigabytes, say))
      console.log(JSON.stringify(way, null, 2));
  for (let run = 1; run <= repeat && values.bench === 'failover'; run++) {
    for (const fault of chosen) {
      say(`run ${run} of ${repeat}: ${fault.text}`);
      const result = await runFault(cluster, recorder, fault, run);
      results.push(result);
      console.log(JSON.stringify(result));
    }
  }
} catch (error) {
  failed = true;
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await recorder.stop();
  recorder.remove();
  if (!values.stay) await lab.down();
}
if (results.length > 0) console.log(renderTable(results));
process.exit(failed || results.some((result) => result.lost > 0 || result.dual > 0) ? 1 : 0);
