import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorDocument } from '@hamn/api';

const bodyLimitBytes = 64 * 1024;
const bodyLimitMs = 5000;

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

export function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

export function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  const body: ErrorDocument = { error: { code, message } };
  sendJson(response, status, body);
}

/** The body as JSON; undefined after an error was answered. */
export async function readJson(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const text = await readBody(request);
  if (text === undefined) {
    // What is left of a request that was not read to its end must not be waited for.
    response.shouldKeepAlive = false;
    sendError(
      response,
      413,
      'too-large',
      `The body must come within ${bodyLimitMs} ms and have at most ${bodyLimitBytes} bytes.`,
    );
    return undefined;
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    sendError(response, 400, 'not-json', 'The body is not JSON.');
    return undefined;
  }
}

function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => resolve(undefined), bodyLimitMs);
    const end = (text: string | undefined): void => {
      clearTimeout(timer);
      resolve(text);
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimitBytes) end(undefined);
      else chunks.push(chunk);
    });
    request.on('end', () => end(Buffer.concat(chunks).toString('utf8')));
    request.on('error', () => end(undefined));
  });
}
