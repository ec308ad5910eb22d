import { parseArgs } from 'node:util';
import { buildAll } from '../../deploy/build/build-all.ts';
import { makePackage } from '../../deploy/package/make-package.ts';
import { Cluster, Recorder } from '../cluster/index.ts';
import { ensureHostPackages } from '../lab/host-packages.ts';
import { Lab } from '../lab/index.ts';
import { isGood, runStory, type Summary } from './story.ts';
import { say, step } from './text.ts';

const { values } = parseArgs({
  options: {
    stay: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    profile: { type: 'string', default: 'default' },
  },
});

const profile = values.profile === 'fast' || values.profile === 'patient' ? values.profile : 'default';
const lab = new Lab({ log: (line) => say(line) });
const cluster = new Cluster(lab, { profile, services: 'preset' }, say);
const recorder = new Recorder(lab);
let summary: Summary | undefined;
try {
  step('Preparing: packages of the host, build, hamn’s own .deb');
  await ensureHostPackages(say);
  await buildAll();
  const packageFile = await makePackage();
  step('A real cluster: mn1, mn2 (management nodes) and wit1 (witness)');
  await cluster.up(packageFile, { fresh: values.fresh });
  summary = await runStory(cluster, recorder);
} catch (error) {
  say(`The demonstration failed: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await recorder.stop();
  recorder.remove();
  if (!values.stay) await lab.down();
}
if (values.stay) {
  say('The cluster is up. Look inside:');
  say('  npm run lab -- exec mn1 -- hamnctl status        npm run lab -- shell mn1');
  say('  npm run lab -- power-off mn1                     npm run lab -- down');
}
if (summary !== undefined) process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exit(summary !== undefined && isGood(summary) ? 0 : 1);
