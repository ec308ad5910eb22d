import { request } from 'node:http';
import { fail, ok, type Result } from '@hamn/core';
import { type CallFailure, whyNot } from './unix-http.ts';

export interface Stream {
  readonly socket: string;
  readonly path: string;
  /** The longest wait for the first or the next line; undefined to wait for as long as the connection stands. */
  readonly silenceMs: number | undefined;
}

const answerLimitMs = 5000;
/** No event is as long; a line without end must not fill the memory. */
const lineLimit = 1_000_000;

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
      incoming.setEncoding('utf8');
      let rest = '';
      incoming.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > lineLimit) incoming.destroy(new Error('A line is too long.'));
        for (const line of lines) onLine(line);
      });
      incoming.on('end', () => resolve(ok(undefined)));
    });
    outgoing.end();
  });
}

function timeoutError(): Error {
  const error = new Error('The answer did not come in time.');
  error.name = 'TimeoutError';
  return error;
}
