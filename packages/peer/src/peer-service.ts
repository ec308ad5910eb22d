import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { NodeId } from '@hamn/core';
import type { ClockPort, PeerHandlers } from '@hamn/engine';
import { certificateName } from './certificate-name.ts';
import { parseFields, paths, readAsk } from './documents.ts';

const longestBodyBytes = 4096;
/** How long the rest of a request may take to arrive. */
const bodyLimitMs = 2000;

/** Answers other hamnds, as a part of the node's HTTPS server. */
export class PeerService {
  readonly #clock: ClockPort;
  #handlers: PeerHandlers | undefined;

  constructor(deps: { readonly clock: ClockPort }) {
    this.#clock = deps.clock;
  }

  serve(handlers: PeerHandlers): void {
    this.#handlers = handlers;
  }

  /** False where the request is not for this part. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = request.url?.split('?')[0] ?? '';
    if (!path.startsWith(paths.below)) return false;
    const from = nameOf(request);
    const handlers = this.#handlers;
    if (from === undefined) {
      refuse(response, 401, "Only a node with a certificate of the cluster's CA may ask this.");
    } else if (handlers === undefined) refuse(response, 503, 'This hamnd is still starting; ask again.');
    else if (path === paths.promise && request.method === 'POST')
      void this.#promise(from, handlers, request, response);
    else if (path === paths.member && request.method === 'GET') member(handlers, response);
    else refuse(response, 404, `There is no ${request.method} ${path} between nodes.`);
    return true;
  }

  async #promise(
    from: NodeId,
    handlers: PeerHandlers,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const body = await this.#body(request);
    const fields = body === undefined ? undefined : parseFields(body);
    const ask = fields === undefined ? undefined : readAsk(fields);
    if (ask === undefined) refuse(response, 400, 'This is not a request for a promise.');
    else answer(response, 200, handlers.promise(from, ask));
  }

  /** Undefined where it is too long or does not come. */
  #body(request: IncomingMessage): Promise<string | undefined> {
    return new Promise((resolve) => {
      const pieces: Buffer[] = [];
      let length = 0;
      const end = (text: string | undefined): void => {
        cancelLimit();
        resolve(text);
      };
      const cancelLimit = this.#clock.after(bodyLimitMs, () => end(undefined));
      request.on('data', (piece: Buffer) => {
        length += piece.length;
        if (length > longestBodyBytes) end(undefined);
        else pieces.push(piece);
      });
      request.on('end', () => end(Buffer.concat(pieces).toString('utf8')));
      request.on('error', () => end(undefined));
      request.on('close', () => end(undefined));
    });
  }
}

/** The name in the asker's certificate; undefined without one that the cluster's CA signed. */
function nameOf(request: IncomingMessage): NodeId | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  return certificateName(socket.getPeerCertificate());
}

function member(handlers: PeerHandlers, response: ServerResponse): void {
  const value = handlers.member();
  if (value === undefined) refuse(response, 503, 'This hamnd has not looked at its node yet; ask again.');
  else answer(response, 200, value);
}

function refuse(response: ServerResponse, status: number, error: string): void {
  // What is left of a request that was not read to its end must not be taken for the next one.
  if (!response.req.complete) response.shouldKeepAlive = false;
  answer(response, status, { error });
}

function answer(response: ServerResponse, status: number, document: unknown): void {
  const body = JSON.stringify(document);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
