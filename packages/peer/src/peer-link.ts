import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type Failure, fail, type NodeId, ok, type Result } from '@hamn/core';
import type { ClockPort, PeerFailure } from '@hamn/engine';
import { parseFields, readError } from './documents.ts';
import { PeerAgent, type TlsTexts } from './peer-agent.ts';

/** An answer is never longer than a member's own account with many services. */
const longestAnswerBytes = 256 * 1024;

export interface PeerLinkOptions {
  readonly to: NodeId;
  readonly address: string;
  readonly port: number;
  readonly tls: TlsTexts;
}

export interface Question<Answer> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
  /** Undefined where the document is not an answer. */
  readonly read: (fields: Readonly<Record<string, unknown>>) => Answer | undefined;
}

/** The way to one other hamnd: kept connections, several questions at a time. */
export class PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #clock: ClockPort;
  readonly #agent: PeerAgent;

  constructor(options: PeerLinkOptions, deps: { readonly clock: ClockPort }) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#agent = new PeerAgent(options, deps);
  }

  leadsTo(place: { readonly address: string; readonly apiPort: number } | undefined): boolean {
    return this.#options.address === place?.address && this.#options.port === place.apiPort;
  }

  /** Ends within `limitMs`. A question whose kept connection had just been closed by the other side is asked once more. */
  ask<Answer>(question: Question<Answer>, limitMs: number): Promise<Result<Answer, PeerFailure>> {
    return new Promise((resolve) => {
      let current: ClientRequest | undefined;
      let ended = false;
      const end = (result: Result<Answer, PeerFailure>): void => {
        ended = true;
        cancelLimit();
        resolve(result);
      };
      const cancelLimit = this.#clock.after(limitMs, () => {
        end(this.#failure('timeout', `did not answer within ${Math.round(limitMs)} ms`));
        current?.destroy();
        this.#agent.dropIdle();
      });
      const send = (again: boolean): void => {
        const sent = this.#send(question, (result, stale) => {
          if (stale && again && !ended) send(false);
          else end(result);
        });
        current = sent;
      };
      send(true);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #send<Answer>(
    question: Question<Answer>,
    done: (result: Result<Answer, PeerFailure>, stale: boolean) => void,
  ): ClientRequest {
    const { address, port } = this.#options;
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(question.body),
    };
    const { method, path } = question;
    const sent = request({ agent: this.#agent, host: address, port, method, path, headers });
    let answered = false;
    sent.on('response', (response) => {
      answered = true;
      void collect(response).then((text) => done(this.#read(question, response.statusCode, text), false));
    });
    sent.on('error', (error) => {
      if (!answered)
        done(this.#failure('unreachable', `cannot be reached (${error.message})`), sent.reusedSocket);
    });
    sent.end(question.body);
    return sent;
  }

  #read<Answer>(
    question: Question<Answer>,
    status: number | undefined,
    text: string | undefined,
  ): Result<Answer, PeerFailure> {
    if (text === undefined) return this.#failure('unreachable', 'broke off its answer');
    const fields = parseFields(text);
    if (status !== 200)
      return this.#failure('refused', `refused: ${readError(fields) ?? `HTTP status ${status}`}`);
    const answer = fields === undefined ? undefined : question.read(fields);
    return answer === undefined
      ? this.#failure(
          'refused',
          'sent an answer that cannot be read; check that its hamnd has the same version',
        )
      : ok(answer);
  }

  #failure(code: PeerFailure, what: string): { readonly ok: false; readonly error: Failure<PeerFailure> } {
    const { to, address, port } = this.#options;
    return fail(code, `hamnd of ${to} at ${address} port ${port} ${what}.`);
  }
}

/** The whole body; undefined where it broke off or is too long. */
const collect = (response: IncomingMessage): Promise<string | undefined> =>
  new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    response.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length > longestAnswerBytes) response.destroy();
      else pieces.push(piece);
    });
    response.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    response.on('error', () => undefined);
    response.on('close', () => resolve(undefined));
  });
