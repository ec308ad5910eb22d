import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { FrameReader, frame } from './wire/frames.ts';

/** `status`: the member's own word (0 is success). `broken`: no word of it came, or none that can be read. */
export type ExchangeEnd =
  | { readonly kind: 'status'; readonly status: number; readonly details: string }
  | { readonly kind: 'broken'; readonly reason: string };

export interface ExchangeHandlers {
  readonly onMessage: (message: Buffer) => void;
  /** Called once. */
  readonly onEnd: (end: ExchangeEnd) => void;
}

/** One gRPC call on one HTTP/2 stream: messages in both directions, then a status. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md. */
export class Exchange {
  readonly #handlers: ExchangeHandlers;
  readonly #reader = new FrameReader();
  #stream: ClientHttp2Stream | undefined;
  #said: ExchangeEnd | undefined;
  #reason = 'the member broke the call off';
  #ended = false;

  constructor(begin: () => ClientHttp2Stream, handlers: ExchangeHandlers) {
    this.#handlers = handlers;
    try {
      this.#stream = begin();
    } catch (error) {
      this.#reason = messageOf(error);
      // Not before the caller holds this exchange.
      queueMicrotask(() => this.#end());
      return;
    }
    this.#listen(this.#stream);
  }

  send(message: Buffer): void {
    if (this.#stream?.writable === true) this.#stream.write(frame(message));
  }

  /** Sends the last message. */
  finish(message: Buffer): void {
    if (this.#stream?.writable === true) this.#stream.end(frame(message));
  }

  cancel(): void {
    this.#stream?.close(8 /* CANCEL */);
    this.#end();
  }

  #listen(stream: ClientHttp2Stream): void {
    stream.on('response', (headers) => this.#readHeaders(headers));
    stream.on('trailers', (trailers) => this.#readStatus(trailers));
    stream.on('data', (piece: Buffer) => this.#readData(piece));
    stream.on('error', (error) => {
      this.#reason = messageOf(error);
    });
    stream.on('end', () => {
      if (this.#said !== undefined) this.#end();
    });
    stream.on('close', () => this.#end());
  }

  #readHeaders(headers: IncomingHttpHeaders & { readonly ':status'?: number | undefined }): void {
    if (headers[':status'] !== 200) this.#reason = `it answered with HTTP status ${headers[':status']}`;
    else this.#readStatus(headers);
  }

  /** In the trailers; in the headers where there is nothing but a status. */
  #readStatus(headers: IncomingHttpHeaders): void {
    const status = headers['grpc-status'];
    if (typeof status !== 'string' || !/^\d+$/.test(status)) return;
    const details = headers['grpc-message'];
    this.#said = {
      kind: 'status',
      status: Number(status),
      details: typeof details === 'string' ? percentDecoded(details) : '',
    };
  }

  #readData(piece: Buffer): void {
    if (this.#ended) return;
    try {
      for (const message of this.#reader.take(piece)) this.#handlers.onMessage(message);
    } catch (error) {
      this.#reason = messageOf(error);
      this.#said = undefined;
      this.cancel();
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#handlers.onEnd(this.#said ?? { kind: 'broken', reason: this.#reason });
  }
}

/** Node's HTTP/2 wraps what happened to the connection into what that did to the stream. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
