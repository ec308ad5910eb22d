import { type Instant, longAgo } from '@hamn/core';
import type { Cancel, ClockPort } from '@hamn/engine';
import { Connection } from './connection.ts';
import type { TlsTexts } from './line.ts';
import { probeRequest, range } from './wire/kv.ts';

/**
 * How long a member that failed is left alone before it is probed, and how long the first probe may take. Both double with each probe that fails: a machine
 * that is too slow for the first limit would otherwise be kept slow by handshakes, and never be found well.
 */
const probeMs = 300;
const longestProbeMs = 2400;

/** One member's address: a connection for calls, and one for the watch, so that neither is torn down with the other. */
export interface Endpoint {
  readonly url: string;
  readonly calls: Connection;
  readonly streams: Connection;
}

interface Standing {
  readonly endpoint: Endpoint;
  suspect: boolean;
  failedAt: Instant;
  cancelProbe: Cancel | undefined;
  /** The pause before the next probe, and its limit. */
  probeMs: number;
}

export interface EndpointsOptions {
  /** The preferred (local) one first. */
  readonly urls: readonly string[];
  readonly tls: TlsTexts;
  /** A key that probes read; it need not exist. */
  readonly probeKey: string;
}

/**
 * Which member is asked first. The first configured one is preferred; one that failed or was overtaken is asked last until a probe (a linearizable
 * read in the background) shows that it is well, so that no transaction is risked on it. When all are suspect, the one that failed longest ago is next.
 */
export class Endpoints {
  readonly all: readonly Endpoint[];
  readonly #standings: readonly Standing[];
  readonly #clock: ClockPort;
  readonly #probe: Buffer;
  #closed = false;

  constructor(options: EndpointsOptions, deps: { readonly clock: ClockPort }) {
    this.#clock = deps.clock;
    this.#probe = probeRequest(options.probeKey);
    this.all = options.urls.map((url) => ({
      url,
      calls: new Connection({ url, tls: options.tls }, deps),
      streams: new Connection({ url, tls: options.tls }, deps),
    }));
    this.#standings = this.all.map((endpoint) => ({
      endpoint,
      suspect: false,
      failedAt: longAgo,
      cancelProbe: undefined,
      probeMs,
    }));
  }

  /** Best first. */
  order(): readonly Endpoint[] {
    const well = this.#standings.filter((one) => !one.suspect);
    const suspect = this.#standings.filter((one) => one.suspect).sort((a, b) => a.failedAt - b.failedAt);
    return [...well, ...suspect].map((one) => one.endpoint);
  }

  failed(endpoint: Endpoint): void {
    const standing = this.#standingOf(endpoint);
    if (standing === undefined || this.#closed) return;
    standing.suspect = true;
    standing.failedAt = this.#clock.now();
    standing.cancelProbe ??= this.#clock.after(standing.probeMs, () => void this.#examine(standing));
  }

  worked(endpoint: Endpoint): void {
    const standing = this.#standingOf(endpoint);
    if (standing === undefined) return;
    standing.suspect = false;
    standing.probeMs = probeMs;
    standing.cancelProbe?.();
    standing.cancelProbe = undefined;
  }

  close(): void {
    this.#closed = true;
    for (const { endpoint, cancelProbe } of this.#standings) {
      cancelProbe?.();
      endpoint.calls.close();
      endpoint.streams.close();
    }
  }

  async #examine(standing: Standing): Promise<void> {
    const answer = await standing.endpoint.calls.call(range, this.#probe, standing.probeMs);
    if (this.#closed || !standing.suspect) return;
    standing.cancelProbe = undefined;
    if (answer.ok) this.worked(standing.endpoint);
    else {
      standing.probeMs = Math.min(2 * standing.probeMs, longestProbeMs);
      standing.cancelProbe = this.#clock.after(standing.probeMs, () => void this.#examine(standing));
    }
  }

  #standingOf(endpoint: Endpoint): Standing | undefined {
    return this.#standings.find((one) => one.endpoint === endpoint);
  }
}
