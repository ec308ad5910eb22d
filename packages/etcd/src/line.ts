import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { isIP } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { Exchange, type ExchangeHandlers } from './exchange.ts';

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
  /** Called when the connection ends, or is about to end: no new exchange may begin on it. */
  readonly onLost: (line: Line) => void;
}

/** For so long a handshake is waited for, whatever became of the calls that wanted it. */
const handshakeMs = 3000;

/**
 * One HTTP/2 connection over TLS, dialled at once. Left, it ends with the last exchange on it, even where it has not been set up yet: a dial into a dead
 * network would otherwise hold its socket for minutes.
 */
export class Line {
  readonly #socket: TLSSocket;
  readonly #session: ClientHttp2Session;
  #uses = 0;
  #left = false;
  #handshake: 'not begun' | 'under way' | 'over' = 'not begun';
  #reason: string | undefined;

  constructor(options: LineOptions) {
    const failed = (error: Error): void => {
      this.#reason = error.message;
    };
    const socket = dial(options);
    socket.on('error', failed);
    socket.once('connect', () => {
      this.#handshake = 'under way';
      // What hangs there for longer is no slow machine.
      const limit = setTimeout(() => {
        this.#handshake = 'over';
        options.onLost(this);
      }, handshakeMs).unref();
      for (const event of ['secureConnect', 'close'])
        socket.once(event, () => {
          this.#handshake = 'over';
          clearTimeout(limit);
        });
    });
    this.#socket = socket;
    this.#session = connect(options.url, { createConnection: () => socket, settings: { enablePush: false } });
    this.#session.on('error', failed);
    this.#session.on('goaway', () => options.onLost(this));
    this.#session.on('close', () => options.onLost(this));
  }

  /** The other side is there, and the handshake of TLS takes its time: to begin it anew would cost the slow side even more. */
  get isShakingHands(): boolean {
    return this.#handshake === 'under way';
  }

  /** Begins one exchange. It has no limit of its own. */
  begin(path: string, limitMs: number | undefined, handlers: ExchangeHandlers): Exchange {
    this.#uses += 1;
    let ended = false;
    return new Exchange(() => this.#request(path, limitMs), {
      onMessage: handlers.onMessage,
      onEnd: (end) => {
        if (ended) return;
        ended = true;
        this.#uses -= 1;
        // Why the connection broke says more than that the stream did.
        const reason = this.#reason;
        handlers.onEnd(end.kind === 'broken' && reason !== undefined ? { ...end, reason } : end);
        this.#endIfDone();
      },
    });
  }

  leave(): void {
    this.#left = true;
    this.#endIfDone();
  }

  /** Source of the headers: grpc/grpc, doc/PROTOCOL-HTTP2.md. */
  #request(path: string, limitMs: number | undefined): ClientHttp2Stream {
    const timeout = limitMs === undefined ? {} : { 'grpc-timeout': `${Math.max(1, Math.floor(limitMs))}m` };
    return this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...timeout,
    });
  }

  #endIfDone(): void {
    if (!this.#left || this.#uses > 0) return;
    this.#session.destroy();
    // A session that is still dialling leaves its socket to the kernel's patience.
    this.#socket.destroy();
  }
}

function dial({ url, tls }: LineOptions): TLSSocket {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  // An address may not stand in the server name (RFC 6066, section 3); the certificate is checked against the host either way.
  const name = isIP(host) === 0 ? { servername: host } : {};
  return tlsConnect({ host, port: Number(port), ...name, ...tls, ALPNProtocols: ['h2'] });
}
