import type { IncomingMessage, ServerResponse } from 'node:http';
import { fail, type MemberValue, type NodeId, type Result } from '@hamn/core';
import type { ClockPort, PeerFailure, PeerPort, PromiseAnswer, PromiseAsk } from '@hamn/engine';
import { paths, readAnswer, readMember } from './documents.ts';
import type { TlsTexts } from './peer-agent.ts';
import { PeerLink, type Question } from './peer-link.ts';
import { PeerService } from './peer-service.ts';

/** How the other nodes' hamnds are reached. */
export type PeerPlaces = ReadonlyMap<NodeId, { readonly address: string; readonly apiPort: number }>;

export interface PeersOptions {
  readonly node: NodeId;
  readonly nodes: PeerPlaces;
  readonly tls: TlsTexts;
  readonly clock: ClockPort;
}

export interface Peers extends PeerPort {
  /** For the node's HTTPS server (which asks for certificates): true where the request was one of another hamnd's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** The places of the nodes from now on; a connection to a node that has moved is given up. */
  setNodes(nodes: PeerPlaces): void;
  close(): void;
}

/** Questions between hamnds over HTTPS with certificates on both sides. Nothing is dialled before the first question. */
export function createPeers(options: PeersOptions): Peers {
  const { node, tls, clock } = options;
  const service = new PeerService({ clock });
  const links = new Map<NodeId, PeerLink>();
  let nodes = options.nodes;

  const ask = <Answer>(
    to: NodeId,
    question: Question<Answer>,
    limitMs: number,
  ): Promise<Result<Answer, PeerFailure>> => {
    const place = nodes.get(to);
    if (place === undefined) return Promise.resolve(unknownNode(node, to));
    const link =
      links.get(to) ?? new PeerLink({ to, address: place.address, port: place.apiPort, tls }, { clock });
    links.set(to, link);
    return link.ask(question, limitMs);
  };

  return {
    ask: (to, wanted, timeoutMs) => ask(to, promiseQuestion(wanted), timeoutMs),
    member: (of, timeoutMs) => ask(of, memberQuestion, timeoutMs),
    serve: (handlers) => service.serve(handlers),
    handle: (request, response) => service.handle(request, response),
    setNodes: (places) => {
      nodes = places;
      for (const [to, link] of links) {
        if (link.leadsTo(places.get(to))) continue;
        links.delete(to);
        link.close();
      }
    },
    close: () => {
      for (const link of links.values()) link.close();
      links.clear();
    },
  };
}

/** An answer to another round is no answer to this one. */
const promiseQuestion = (ask: PromiseAsk): Question<PromiseAnswer> => ({
  method: 'POST',
  path: paths.promise,
  body: JSON.stringify(ask),
  read: (fields) => {
    const answer = readAnswer(fields);
    return answer?.round === ask.round ? answer : undefined;
  },
});

const memberQuestion: Question<MemberValue> = {
  method: 'GET',
  path: paths.member,
  body: '',
  read: readMember,
};

const unknownNode = (node: NodeId, to: NodeId): Result<never, PeerFailure> =>
  fail(
    'unreachable',
    `${node} does not know where ${to} is: the cluster's configuration names no such node.`,
  );
