import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { NodeId } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { certificateName } from './certificate-name.ts';

/** How long a connection may take to be set up. It outlives the call that began it, so that a short limit does not begin it again for ever. */
const connectLimitMs = 1000;

export interface TlsTexts {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface PeerAgentOptions {
  readonly to: NodeId;
  readonly address: string;
  readonly port: number;
  readonly tls: TlsTexts;
}

type OnSocket = (error: Error | null, socket: Duplex) => void;

/** Keeps a connection or two to one node, and makes sure by the certificate that it is that node. */
export class PeerAgent extends Agent {
  readonly #options: PeerAgentOptions;
  readonly #clock: ClockPort;
  readonly #dials = new Set<Duplex>();

  constructor(options: PeerAgentOptions, deps: { readonly clock: ClockPort }) {
    super({ keepAlive: true, maxFreeSockets: 2, scheduling: 'lifo' });
    this.#options = options;
    this.#clock = deps.clock;
  }

  override createConnection(_options: unknown, onSocket?: OnSocket): undefined {
    const { to, address, port, tls } = this.#options;
    const socket = connect({
      host: address,
      port,
      ...tls,
      minVersion: 'TLSv1.3',
      checkServerIdentity: (_host, certificate) => strangerAt(to, certificateName(certificate)),
    });
    this.#dials.add(socket);
    const end = (error: Error | null): void => {
      cancelLimit();
      this.#dials.delete(socket);
      socket.off('error', end);
      if (error !== null) socket.destroy();
      onSocket?.(error, socket);
    };
    const cancelLimit = this.#clock.after(connectLimitMs, () =>
      end(new Error(`no connection was set up within ${connectLimitMs} ms`)),
    );
    socket.setNoDelay(true);
    socket.once('error', end);
    // The error of a socket that was given up is nobody's business any more.
    socket.on('error', () => undefined);
    socket.once('secureConnect', () => end(null));
  }

  /** Gives up the connections that no call uses: where one call got no answer, they will not get one either. */
  dropIdle(): void {
    for (const sockets of Object.values(this.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }

  override destroy(): void {
    for (const socket of this.#dials) socket.destroy();
    super.destroy();
  }
}

const strangerAt = (wanted: NodeId, found: NodeId | undefined): Error | undefined =>
  found === wanted
    ? undefined
    : new Error(
        `the certificate there is ${found ?? 'nobody'}'s, not ${wanted}'s; check the addresses of the nodes`,
      );
