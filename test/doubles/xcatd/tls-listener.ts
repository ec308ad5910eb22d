import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createServer, type TLSSocket } from 'node:tls';
import { hear, tell } from './messages.ts';
import { paths, ports } from './paths.ts';
import { answerXml, parseRequest, requestEnd, type XcatAnswer, type XcatRequest } from './xml.ts';

const requestBytesMost = 64 * 1024;
const waiting = new Map<number, (answer: XcatAnswer) => void>();
let lastId = 0;

/** The process behind TCP 3001. It knows nothing itself: the main process must answer, so a main process that stands still hangs clients. */
export function runTlsListener(): void {
  hear((message) => {
    if (message.kind !== 'answer') return;
    waiting.get(message.id)?.(message.answer);
    waiting.delete(message.id);
  });
  const credential = readFileSync(paths.serverCredential);
  const server = createServer(
    {
      key: credential,
      cert: credential,
      ca: readFileSync(paths.authority),
      requestCert: true,
      rejectUnauthorized: true,
    },
    serve,
  );
  server.on('error', (error) => tell({ kind: 'failed', why: error.message }));
  server.on('tlsClientError', () => undefined);
  server.listen(ports.request, '0.0.0.0', () => tell({ kind: 'ready' }));
}

function serve(socket: TLSSocket): void {
  let received = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text: string) => {
    received += text;
    if (received.length > requestBytesMost) socket.destroy();
    const end = received.indexOf(requestEnd);
    if (end < 0) return;
    const request = parseRequest(received.slice(0, end + requestEnd.length));
    received = '';
    if (request === undefined) socket.end(answerXml(hostname(), unknownRequest));
    else ask(request, (answer) => socket.end(answerXml(hostname(), answer)));
  });
}

const unknownRequest: XcatAnswer = { data: [], errors: ['The request names no command.'], errorCode: 1 };

function ask(request: XcatRequest, then: (answer: XcatAnswer) => void): void {
  lastId += 1;
  waiting.set(lastId, then);
  tell({ kind: 'ask', id: lastId, request });
}
