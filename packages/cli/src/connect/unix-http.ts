import { request } from 'node:http';
import { fail, ok, type Result } from '@hamn/core';

/** `absent` and `denied` are about the socket's file, `dead` means that nobody listens on it. */
export type CallFailure = 'absent' | 'denied' | 'dead' | 'timeout' | 'broken';

export interface Call {
  readonly socket: string;
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For the whole call, body included. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** More than any document has; an endless answer must not fill the memory. */
const answerLimitBytes = 16 * 1024 * 1024;

/** One HTTP call over a unix socket. Ends within its limit, never throws. */
export function call({ socket, method, path, body, timeoutMs }: Call): Promise<Result<Answer, CallFailure>> {
  return new Promise((resolve) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request({
      socketPath: socket,
      method,
      path,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers:
        payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
    });
    const broken = (error: Error): void => resolve(whyNot(error, socket, timeoutMs));
    outgoing.on('error', broken);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('error', broken);
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > answerLimitBytes) incoming.destroy(new Error('The answer is too long.'));
      });
      incoming.on('end', () =>
        resolve(ok({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })),
      );
    });
    outgoing.end(payload);
  });
}

export function whyNot(
  error: Error & { readonly code?: unknown },
  socket: string,
  timeoutMs: number,
): Result<never, CallFailure> {
  switch (error.code) {
    case 'ENOENT':
      return fail('absent', `There is no socket ${socket}: hamnd does not run here.`);
    case 'EACCES':
    case 'EPERM':
      return fail('denied', `Only root may use ${socket}. Run hamnctl as root.`);
    case 'ECONNREFUSED':
      return fail('dead', `Nobody listens on ${socket}: hamnd does not run here.`);
    default:
      if (error.name === 'TimeoutError' || error.name === 'AbortError')
        return fail('timeout', `hamnd did not answer on ${socket} within ${timeoutMs} ms.`);
      return fail('broken', `The connection to hamnd on ${socket} broke: ${error.message}.`);
  }
}
