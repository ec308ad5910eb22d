import { chmodSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { fail, ok, type Result } from '@hamn/core';
import { LineReader } from '../wire/line-reader.ts';
import { line, type Notice, readRequest } from '../wire/messages.ts';
import type { Guard, Reply } from './guard.ts';

const mostClients = 32;
/** A client that does not read its answers is hung up on. */
const mostUnreadBytes = 1_048_576;
const aliveMs = 500;

export interface GuardServer {
  notify(notice: Notice): void;
  close(): void;
}

/** Listens on a socket that only root may open. Errors: `in-use` when another guard answers there, `socket`. */
export async function listen(
  path: string,
  guard: () => Guard,
): Promise<Result<GuardServer, 'in-use' | 'socket'>> {
  if (await someoneAnswers(path))
    return fail(
      'in-use',
      `Another hamn-guard answers at ${path}; only one may run. See systemctl status hamn-guard.`,
    );
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    if (clients.size >= mostClients) {
      socket.destroy();
      return;
    }
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
    converse(socket, guard);
  });
  const listening = await bind(server, path);
  if (!listening.ok) return listening;
  return ok({
    notify: (notice) => {
      for (const client of clients) send(client, line(notice));
    },
    close: () => {
      server.close();
      for (const client of clients) client.destroy();
    },
  });
}

function bind(server: Server, path: string): Promise<Result<undefined, 'socket'>> {
  try {
    unlinkSync(path);
  } catch {
    // There was none.
  }
  return new Promise((resolve) => {
    const mask = process.umask(0o177);
    server.once('error', (error) => {
      resolve(
        fail(
          'socket',
          `The guard cannot listen at ${path}: ${error.message}. Its directory must exist and be writable.`,
        ),
      );
    });
    server.listen(path, () => {
      chmodSync(path, 0o600);
      server.on('error', () => {});
      resolve(ok(undefined));
    });
    process.umask(mask);
  });
}

function converse(socket: Socket, guard: () => Guard): void {
  const reader = new LineReader((text) => void answer(socket, guard(), text));
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    if (!reader.take(chunk)) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
}

async function answer(socket: Socket, guard: Guard, text: string): Promise<void> {
  const request = readRequest(text);
  // Without an id there is nobody to answer to.
  if (request === undefined) return;
  const reply: Reply =
    request.order === undefined
      ? fail(
          'refused',
          'The guard does not understand this order; hamnd and hamn-guard must be of one version.',
        )
      : await guard.handle(request.order);
  send(socket, line({ id: request.id, ...reply }));
}

function send(socket: Socket, text: string): void {
  if (socket.destroyed) return;
  if (socket.writableLength > mostUnreadBytes) socket.destroy();
  else socket.write(text);
}

function someoneAnswers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(aliveMs, end(false));
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}
