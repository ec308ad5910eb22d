import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { hear, tell } from './messages.ts';
import { ports } from './paths.ts';

const failed = (error: Error): void => tell({ kind: 'failed', why: error.message });
const ready = (): void => tell({ kind: 'ready' });

/** UDP 3001: where compute nodes report; the double only holds the port. */
export function runUdpListener(): void {
  hear(() => undefined);
  const socket = createSocket('udp4');
  socket.on('error', failed);
  socket.bind(ports.request, '0.0.0.0', ready);
}

/** TCP 3002: compute nodes say here how far their installation is. */
export function runInstallMonitor(): void {
  listen(ports.monitor, '0.0.0.0', 'done\n');
}

/** TCP 3003 on the loopback: the command log. */
export function runCommandLog(): void {
  listen(ports.log, '127.0.0.1', '');
}

function listen(port: number, address: string, answer: string): void {
  hear(() => undefined);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.end(answer));
  });
  server.on('error', failed);
  server.listen(port, address, ready);
}
