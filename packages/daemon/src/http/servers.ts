import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { dirname } from 'node:path';
import { TLSSocket } from 'node:tls';
import { fail, ok, type Result } from '@hamn/core';
import { sendError } from './answers.ts';
import type { Caller } from './router.ts';

export type Handler = (caller: Caller, request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The HTTPS API; `peers` takes the requests of other hamnds. A certificate is asked for; who has none sees the health endpoints only. */
export function listenHttps(
  tls: TlsFiles,
  port: number,
  host: string | undefined,
  peers: (request: IncomingMessage, response: ServerResponse) => boolean,
  handler: Handler,
): Promise<Result<Server, 'listen'>> {
  const server = createHttps(
    { ...tls, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
    (request, response) => {
      if (peers(request, response)) return;
      const { socket } = request;
      const known = socket instanceof TLSSocket && socket.authorized;
      run(handler, known ? 'peer' : 'open', request, response);
    },
  );
  server.on('tlsClientError', () => undefined);
  return listen(server, host === undefined ? { port } : { port, host }, `port ${port}`);
}

/** The root-only socket for hamnctl. */
export async function listenSocket(path: string, handler: Handler): Promise<Result<Server, 'listen'>> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  rmSync(path, { force: true });
  const server = createHttp((request, response) => run(handler, 'admin', request, response));
  const before = process.umask(0o177);
  try {
    const listening = await listen(server, { path }, path);
    if (listening.ok) chmodSync(path, 0o600);
    return listening;
  } finally {
    process.umask(before);
  }
}

function run(handler: Handler, caller: Caller, request: IncomingMessage, response: ServerResponse): void {
  handler(caller, request, response).catch((error: unknown) => {
    if (!response.headersSent)
      sendError(response, 500, 'internal', error instanceof Error ? error.message : String(error));
  });
}

function listen(server: Server, where: object, name: string): Promise<Result<Server, 'listen'>> {
  server.requestTimeout = 15_000;
  server.on('clientError', (_error, socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once('error', (error: Error) => {
      resolve(fail('listen', `hamnd cannot listen on ${name}: ${error.message}. Is another hamnd running?`));
    });
    server.listen(where, () => {
      server.on('error', () => undefined);
      resolve(ok(server));
    });
  });
}
