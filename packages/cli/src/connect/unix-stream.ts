import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { fail, ok, type Result } from '@hamn/core';
import { type CallFailure, whyNot } from './unix-http.ts';

export interface Stream {
  readonly socket: string;
  readonly path: string;
  /** The longest wait for the first or the next line; undefined to wait for as long as the connection stands. */
  readonly silenceMs: number | undefined;
}

const answerLimitMs = 5000;

/** Reads an answer line by line until it ends or the person interrupts. The head of the answer always has a limit. */
export function streamLines(
  { socket, path, silenceMs }: Stream,
  onLine: (line: string) => void,
  onInterrupt: (run: () => void) => void,
): Promise<Result<undefined, CallFailure | 'refused'>> {
  return new Promise((resolve) => {
    const outgoing = request({ socketPath: socket, path, agent: false });
    const head = setTimeout(() => outgoing.destroy(timeoutError()), answerLimitMs);
    onInterrupt(() => {
      resolve(ok(undefined));
      outgoing.destroy();
    });
    const broken = (error: Error): void => {
      clearTimeout(head);
      resolve(whyNot(error, socket, silenceMs ?? answerLimitMs));
    };
    outgoing.on('error', broken);
    outgoing.on('response', (incoming) => {
      clearTimeout(head);
      if (incoming.statusCode !== 200) {
        outgoing.destroy();
        resolve(fail('refused', `hamnd answered with HTTP status ${incoming.statusCode ?? 0}.`));
        return;
      }
      if (silenceMs !== undefined) incoming.setTimeout(silenceMs, () => incoming.destroy(timeoutError()));
      incoming.on('error', broken);
      const lines = createInterface({ input: incoming, crlfDelay: Number.POSITIVE_INFINITY });
      lines.on('line', onLine);
      lines.on('close', () => {
        if (incoming.complete) resolve(ok(undefined));
        else broken(new Error('hamnd ended'));
      });
    });
    outgoing.end();
  });
}

function timeoutError(): Error {
  const error = new Error('The answer did not come in time.');
  error.name = 'TimeoutError';
  return error;
}
