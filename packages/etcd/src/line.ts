import { checkServerIdentity } from 'node:tls';
import {
  Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Method } from './wire/rpc.ts';

/** PEM texts: the cluster's CA, and this node's certificate and key. */
export interface TlsTexts {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface LineOptions {
  /** `https://address:port`. */
  readonly url: string;
  readonly tls: TlsTexts;
}

const same = (bytes: Buffer): Buffer => bytes;

/** One gRPC client with one TLS connection, which it dials itself. Once left, it closes when the last use of it has ended. */
export class Line {
  readonly #client: Client;
  #uses = 0;
  #left = false;

  constructor(options: LineOptions) {
    this.#client = dial(options);
  }

  use(): void {
    this.#uses += 1;
  }

  release(): void {
    this.#uses -= 1;
    this.#closeIfDone();
  }

  leave(): void {
    this.#left = true;
    this.#closeIfDone();
  }

  ask<Answer>(
    method: Method<Answer>,
    request: Buffer,
    limitMs: number,
    answered: (error: ServiceError | null, answer?: Answer) => void,
  ): ClientUnaryCall {
    // gRPC wants an instant of the wall clock, and turns it into a length of time at once.
    const options = { deadline: Date.now() + limitMs };
    const { path, decode } = method;
    return this.#client.makeUnaryRequest(path, same, decode, request, new Metadata(), options, answered);
  }

  stream<Answer>({ path, decode }: Method<Answer>): ClientDuplexStream<Buffer, Answer> {
    return this.#client.makeBidiStreamRequest<Buffer, Answer>(path, same, decode, new Metadata());
  }

  #closeIfDone(): void {
    if (this.#left && this.#uses <= 0) this.#client.close();
  }
}

function dial({ url, tls }: LineOptions): Client {
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
