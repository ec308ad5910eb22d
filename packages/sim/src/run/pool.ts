import { Worker } from 'node:worker_threads';
import type { Job, JobResult } from './job.ts';

/**
 * Does the jobs on so many threads, each beginning the next one when it has ended one. A run draws everything from its own seed, so that
 * the order in which jobs end changes nothing.
 * @throws Error what a job threw: a bug of the simulator
 */
export async function runPool(
  jobs: Iterable<Job>,
  threads: number,
  onResult: (result: JobResult) => void,
): Promise<void> {
  const queue = jobs[Symbol.iterator]();
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./worker.ts', import.meta.url)));
  try {
    await Promise.all(workers.map((worker) => drain(worker, queue, onResult)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function drain(worker: Worker, queue: Iterator<Job>, onResult: (result: JobResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const job = queue.next();
      if (job.done === true) resolve();
      else worker.postMessage(job.value);
    };
    worker.on('message', (result: JobResult) => {
      onResult(result);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('A thread of the simulator ended before its work.')));
    next();
  });
}
