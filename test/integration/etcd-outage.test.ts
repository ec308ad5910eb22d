import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Recorder } from '../cluster/index.ts';
import { etcdFaults } from '../prove/etcd.ts';
import { leaderLost, triesOf } from '../prove/leader.ts';
import { losses } from '../prove/losses.ts';
import { memberReplaced } from '../prove/members.ts';
import { etcdAway } from '../prove/outage.ts';
import { etcdRestored, restores } from '../prove/restore.ts';
import { endFaults, type Figures, Stage } from '../prove/stage.ts';
import { bringUp, lab } from './whole-cluster.ts';

/** What `npm run prove` shows long and often, once and shortly: each proof throws with a sentence where something is not as promised. */
const recorder = new Recorder(lab);

beforeAll(async () => {
  await bringUp();
  await recorder.start();
});
afterEach(async (context) => {
  if (context.task.result?.state === 'fail') await endFaults();
});
afterAll(async () => {
  await recorder.stop();
  recorder.remove();
  await lab.down();
});

/** Longer than T and its margins together. */
const awayMs = 8000;

const show = (figures: Figures): void => {
  console.log(JSON.stringify(figures));
  expect(figures).toBeDefined();
};

describe('etcd', () => {
  it.each(etcdFaults)(
    'wholly away ($name): nobody notices, and all is well again by itself',
    async (fault) => {
      show(await etcdAway(await Stage.begin(recorder), fault, awayMs));
    },
  );

  it.each(triesOf(4).slice(1, 3))(
    'without its leader ($fault on the $on): nobody is demoted',
    async (one) => {
      show(await leaderLost(recorder, one));
    },
  );

  it('with a member replaced by an empty one: nobody notices', async () => {
    show(await memberReplaced(await Stage.begin(recorder), 'wit1'));
  });

  it.each(restores.slice(0, 1))(
    'restored from a backup $name: nobody acts by it, and all tell it',
    async (restore) => {
      show(await etcdRestored(await Stage.begin(recorder), restore));
    },
  );
});

describe('when nodes are lost', () => {
  it.each(losses.filter((loss) => loss.isCheap))('$lost', async (loss) => {
    show(await loss.prove(await Stage.begin(recorder)));
  });
});
