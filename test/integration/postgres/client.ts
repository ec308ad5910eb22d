import { afterAll, beforeAll, expect } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { analyseRun, Recorder, type RecorderOptions } from '../../cluster/index.ts';
import type { Ground } from './ground.ts';

/** The client that records, for the tests of the calling file; its hooks come after those of the ground. */
export function useClient(ground: Ground, options: RecorderOptions = { intervalMs: 20 }): Recorder {
  const recorder = new Recorder(ground.lab, options);
  beforeAll(() => recorder.start());
  afterAll(async () => {
    await recorder.stop();
    recorder.remove();
  });
  return recorder;
}

/** Waits until all is well and compares the client's log with every node's table: nothing acknowledged is lost, nothing accepted twice. */
export async function nothingLost(ground: Ground, recorder: Recorder, fromMs: number): Promise<void> {
  await ground.cast(90_000);
  const window = { fromMs, toMs: monotonicMs() };
  const found = await analyseRun(ground.cluster, recorder.records(window), { window });
  expect(found).toMatchObject({ lost: [], divergent: [], dualReasons: [] });
  expect(found.acked).toBeGreaterThan(25);
}

/** Waits until rows are acknowledged again that were sent from now on. */
export async function writesGoOn(recorder: Recorder, limitMs: number): Promise<void> {
  expect(await recorder.writesSince(monotonicMs(), 25, limitMs)).toBe(true);
}
