import { parentPort } from 'node:worker_threads';
import { type Job, work } from './job.ts';

/** The other end of the pool: one job at a time, until the pool ends it. A job that throws ends the thread, and the pool with it. */
parentPort?.on('message', (job: Job) => {
  work(job).then(
    (result) => parentPort?.postMessage(result),
    (error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    },
  );
});
