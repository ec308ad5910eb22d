import { parseArgs } from 'node:util';
import { Recorder } from '../cluster/index.ts';
import { bringUp, lab } from '../integration/whole-cluster.ts';
import { etcdFaults, etcdNodes } from './etcd.ts';
import { leaderLost, triesOf } from './leader.ts';
import { losses } from './losses.ts';
import { memberReplaced, pairs, quorumLost } from './members.ts';
import { etcdAway } from './outage.ts';
import { etcdRestored, restores } from './restore.ts';
import { endFaults, type Figures, Stage } from './stage.ts';

/** `npm run prove`: what the tests show once and shortly, shown long and often, on a cluster of its own. */
interface Proof {
  readonly name: string;
  readonly run: () => Promise<Figures>;
}

const recorder = new Recorder(lab);
const outageMs = 60_000;

const proofs: Readonly<Record<string, (count: number) => readonly Proof[]>> = {
  outage: () =>
    etcdFaults.map((fault) => ({
      name: `every etcd member gets ${fault.name} for ${outageMs / 1000} s`,
      run: async () => etcdAway(await Stage.begin(recorder), fault, outageMs),
    })),
  losses: () =>
    losses.map((loss) => ({
      name: `lost: ${loss.lost}`,
      run: async () => loss.prove(await Stage.begin(recorder)),
    })),
  members: () => [
    ...pairs.map((pair) => ({
      name: `etcd loses its quorum: ${pair.join(' and ')}`,
      run: async () => quorumLost(await Stage.begin(recorder), pair),
    })),
    ...etcdNodes.map((node) => ({
      name: `the etcd member on ${node} is replaced by an empty one`,
      run: async () => memberReplaced(await Stage.begin(recorder), node),
    })),
  ],
  restore: () =>
    restores.map((restore) => ({
      name: `etcd restored from a backup ${restore.name}`,
      run: async () => etcdRestored(await Stage.begin(recorder), restore),
    })),
  leader: (count) =>
    triesOf(count).map((one, at) => ({
      name: `${at + 1} of ${count}: ${one.fault} of the etcd leader on the ${one.on}`,
      run: () => leaderLost(recorder, one),
    })),
};

const usage = `npm run prove -- [${Object.keys(proofs).join('|')}]... [--tries N] [--only TEXT] [--stay]`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tries: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    stay: { type: 'boolean', default: false },
  },
});
const tries = Number(values.tries);
const names = positionals.length === 0 ? Object.keys(proofs) : positionals;
const unknown = names.filter((name) => proofs[name] === undefined);
if (unknown.length > 0 || !Number.isInteger(tries) || tries < 1) {
  console.error(`prove: ${unknown.join(', ') || '--tries'} is not known.\nUsage: ${usage}`);
  process.exit(2);
}

let failed = 0;
try {
  await bringUp();
  await recorder.start();
  const chosen = names
    .flatMap((name) => proofs[name]?.(tries) ?? [])
    .filter(({ name }) => name.includes(values.only));
  for (const { name, run } of chosen) {
    try {
      console.log(`holds  ${name}: ${JSON.stringify(await run())}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILS  ${name}: ${error instanceof Error ? error.message : String(error)}`);
      await endFaults();
    }
  }
  console.log(`${chosen.length - failed} of ${chosen.length} hold`);
} catch (error) {
  failed += 1;
  console.error(`prove: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await recorder.stop();
  recorder.remove();
  if (!values.stay) await lab.down();
}
process.exit(failed > 0 ? 1 : 0);
