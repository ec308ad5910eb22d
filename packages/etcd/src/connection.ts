import { checkServerIdentity } from 'node:tls';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { answeredItself, type CallFailureCode, callFailure, timedOut } from './call-failure.ts';
import type { Method } from './wire/rpc.ts';

/** PEM texts: the cluster's CA, and this node's certificate and key. */
export interface TlsTexts {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface ConnectionOptions {
  /** `https://address:port`. */
  readonly url: string;
  readonly tls: TlsTexts;
}

export interface StreamHandlers<Answer> {
  readonly onAnswer: (answer: Answer) => void;
  /** Called once, with a sentence; also after `cancel`. */
  readonly onEnd: (reason: string) => void;
}

export interface OpenStream {
  send(request: Buffer): void;
  cancel(): void;
}

const same = (bytes: Buffer): Buffer => bytes;

/**
 * One TLS connection to one etcd member, dialled when it is needed. After a call that got no answer the connection is thrown away: behind a healed cut TCP
 * may take many seconds to send again, a new connection takes milliseconds. A pool shared with other connections would keep the old one, so each has its own.
 */
export class Connection {
  readonly url: string;
  readonly #options: ConnectionOptions;
  readonly #clock: ClockPort;
  #client: Client | undefined;

  constructor(options: ConnectionOptions, deps: { readonly clock: ClockPort }) {
    this.url = options.url;
    this.#options = options;
    this.#clock = deps.clock;
  }

  /** One question and one answer, at most once on the wire; it ends within `limitMs` whatever happens. */
  call<Answer>(
    method: Method<Answer>,
    request: Buffer,
    limitMs: number,
  ): Promise<Result<Answer, CallFailureCode>> {
    if (limitMs <= 0) return Promise.resolve(timedOut(this.url, 0));
    return new Promise((resolve) => {
      const client = this.#ready();
      // gRPC wants an instant of the wall clock, and turns it into a length of time at once.
      const options = { deadline: Date.now() + limitMs };
      const answered = (error: ServiceError | null, answer?: Answer): void => {
        cancelTimer();
        if (error === null && answer !== undefined) return resolve(ok(answer));
        if (error === null || !answeredItself(error.details)) this.#drop(client);
        resolve(
          callFailure(this.url, limitMs, error?.code ?? 13, error?.details ?? 'an answer without a message'),
        );
      };
      const cancelTimer = this.#clock.after(limitMs, () => {
        this.#drop(client);
        resolve(timedOut(this.url, limitMs));
        call.cancel();
      });
      const call = client.makeUnaryRequest(
        method.path,
        same,
        method.decode,
        request,
        new Metadata(),
        options,
        answered,
      );
    });
  }

  /** A stream in both directions. It has no limit of its own: the caller watches over it. */
  open<Answer>(method: Method<Answer>, handlers: StreamHandlers<Answer>): OpenStream {
    const client = this.#ready();
    const stream = client.makeBidiStreamRequest<Buffer, Answer>(
      method.path,
      same,
      method.decode,
      new Metadata(),
    );
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      this.#drop(client);
      handlers.onEnd(reason);
    };
    stream.on('data', (answer: Answer) => {
      if (!ended) handlers.onAnswer(answer);
    });
    stream.on('error', (error: Error) => end(error.message));
    stream.on('end', () => end('The member ended the stream.'));
    return {
      send: (request) => void stream.write(request),
      cancel: () => {
        end('The stream was given up.');
        stream.cancel();
      },
    };
  }

  close(): void {
    if (this.#client !== undefined) this.#drop(this.#client);
  }

  #ready(): Client {
    this.#client ??= dial(this.#options);
    return this.#client;
  }

  #drop(client: Client): void {
    if (this.#client === client) this.#client = undefined;
    client.close();
  }
}

function dial({ url, tls }: ConnectionOptions): Client {
  const { host, hostname } = new URL(url);
  const name = hostname.replace(/^\[|\]$/g, '');
  const secure = credentials.createSsl(Buffer.from(tls.ca), Buffer.from(tls.key), Buffer.from(tls.cert), {
    checkServerIdentity: (_name, certificate) => checkServerIdentity(name, certificate),
  });
  return new Client(host, secure, {
    // Only what the handshake names: an address may not stand there (RFC 6066, section 3). The certificate is checked against the address, above.
    'grpc.ssl_target_name_override': 'etcd',
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_channelz': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
  });
}
