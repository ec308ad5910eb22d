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
import { Admission, type AdmissionLimits, placeOf, usualLimits } from './admission.ts';
import { sendError } from './answers.ts';
import type { Caller } from './router.ts';

/** A caller that is slower than this is cut off; hamnd's own answers are not meant. Looked at once a second. */
const slowness = {
  headersTimeout: 5000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8192,
} as const;
const handshakeMs = 5000;
const mostHeaders = 64;
/** Programs of this machine's root; each waits for its answer. */
const mostLocalCallers = 256;

export type Handler = (caller: Caller, request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface HttpsOptions {
  readonly tls: TlsFiles;
  readonly port: number;
  /** This address only; all where it is undefined. */
  readonly host: string | undefined;
  /** Whether another node of the cluster has this address. */
  readonly isNode: (address: string) => boolean;
  /** Takes the requests of other hamnds. */
  readonly peers: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly limits?: AdmissionLimits;
}

/** The HTTPS API. A certificate is asked for; who has none sees the health endpoints only. */
export function listenHttps(options: HttpsOptions, handler: Handler): Promise<Result<Server, 'listen'>> {
  const { tls, port, host, isNode, peers, limits = usualLimits } = options;
  const server = createHttps(
    {
      ...tls,
      ...slowness,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      handshakeTimeout: handshakeMs,
    },
    (request, response) => {
      if (peers(request, response)) return;
      run(handler, isKnown(request.socket) ? 'peer' : 'open', request, response);
    },
  );
  const admission = new Admission({ limits, isNode, now: () => performance.now() });
  // Before the listener that begins TLS.
  server.prependListener('connection', (socket) => {
    const place = placeOf(socket);
    socket.once('close', () => admission.leaves(place));
    if (!admission.arrives(socket)) socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    if (isKnown(socket)) admission.isKnown(socket);
  });
  server.on('tlsClientError', () => undefined);
  return listen(server, host === undefined ? { port } : { port, host }, `port ${port}`);
}

/** It has a certificate that the cluster's CA signed and that is valid now. */
const isKnown = (socket: unknown): boolean => socket instanceof TLSSocket && socket.authorized;

/** The root-only socket for hamnctl. */
export async function listenSocket(path: string, handler: Handler): Promise<Result<Server, 'listen'>> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  rmSync(path, { force: true });
  const server = createHttp(slowness, (request, response) => run(handler, 'admin', request, response));
  server.maxConnections = mostLocalCallers;
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
  server.maxHeadersCount = mostHeaders;
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
