import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An answer: status and document, or what the test does with the connection itself. */
export type FakeRoute =
  | { readonly status: number; readonly body: unknown }
  | ((request: IncomingMessage, response: ServerResponse, body: string) => void);

export interface FakeHamnd {
  readonly socket: string;
  /** `GET /status`, `POST /requests` ...; may be changed while it runs. */
  readonly routes: Map<string, FakeRoute>;
  /** What was asked, with the bodies. */
  readonly asked: { readonly route: string; readonly query: string; readonly body: string }[];
  close(): Promise<void>;
}

/** A server on a unix socket of its own that answers what it is told. */
export async function fakeHamnd(routes: Readonly<Record<string, FakeRoute>> = {}): Promise<FakeHamnd> {
  const directory = await mkdtemp(join(tmpdir(), 'hamnctl-test-'));
  const socket = join(directory, 'hamnd.sock');
  const table = new Map<string, FakeRoute>(
    Object.entries({ 'GET /healthz': { status: 200, body: {} }, ...routes }),
  );
  const asked: { route: string; query: string; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      const [path = '', query = ''] = (request.url ?? '').split('?');
      const name = `${request.method ?? ''} ${path}`;
      asked.push({ route: name, query, body });
      const route = table.get(name) ?? {
        status: 404,
        body: { error: { code: 'no-route', message: `No ${name}.` } },
      };
      if (typeof route === 'function') {
        route(request, response, body);
        return;
      }
      response.writeHead(route.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(route.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    routes: table,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}
