import { waitFor } from '../../cluster/index.ts';
import type { Undo } from './inflict.ts';
import { membersOf, operate, type Stage } from './stage.ts';

const requestLimitMs = 40_000;
const resumeLimitMs = 30_000;

/** The request goes on beside the other faults; the end of the fault waits for its end. Being refused is a good answer. */
export async function switchover(stage: Stage): Promise<Undo> {
  const asked = ask(stage, stage.cast.primary, stage.cast.standby);
  return () => asked;
}

/** Two operators, each on a node of his own, and each wants another primary. */
export async function twoSwitchovers(stage: Stage): Promise<Undo> {
  const { primary, standby, witness } = stage.cast;
  const asked = [ask(stage, witness, standby), ask(stage, standby, primary), ask(stage, primary, standby)];
  return async () => void (await Promise.all(asked));
}

/** hamnctl pause from the primary, and resume from whichever node answers. */
export async function pauseCluster(stage: Stage): Promise<Undo> {
  const pause = ['hamnctl', 'pause', '--reason', 'the fault suite'];
  const begun = operate(stage, stage.cast.primary, pause, 15_000);
  return async () => {
    await begun;
    const done = await waitFor(resumeLimitMs, 500, async () => {
      for (const node of membersOf(stage)) {
        const asked = await operate(stage, node, ['hamnctl', 'resume'], 5000);
        // A pause that etcd's absence kept from being written is none.
        if (asked.ok || asked.said.includes('is not paused')) return true;
      }
      return undefined;
    });
    if (done === undefined) stage.note('no node could resume the cluster within 30 s');
  };
}

async function ask(stage: Stage, node: string, to: string): Promise<void> {
  const argv = ['hamnctl', 'switchover', '--to', to, '--yes', '--wait'];
  const { ok, said } = await operate(stage, node, argv, requestLimitMs);
  const last = said.split('\n').at(-1) ?? '';
  stage.note(`switchover to ${to}, asked on ${node}: ${ok ? 'done' : 'not done'}. ${last}`);
}
