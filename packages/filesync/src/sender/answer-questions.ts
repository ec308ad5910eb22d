import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type SenderQuestion, senderQuestions } from '../report.ts';
import type { Sender } from './sender.ts';

const longest = 100;
const idleMs = 70_000;

/** The sender's socket, which only root can reach: one line asks, one line of JSON answers. */
export function answerQuestions(sender: Sender, path: string): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > longest) socket.destroy();
      else if (text.endsWith('\n')) answer(sender, socket, text.trim());
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

function answer(sender: Sender, socket: Socket, text: string): void {
  const question = senderQuestions.find((one) => one === text);
  if (question === undefined) socket.destroy();
  else
    act(sender, question).then(
      (value) => socket.end(`${JSON.stringify(value)}\n`),
      () => socket.destroy(),
    );
}

async function act(sender: Sender, question: SenderQuestion): Promise<unknown> {
  if (question === 'diff') return sender.diff();
  if (question === 'now') sender.compareNow();
  if (question === 'adopt') sender.adopt();
  return sender.report();
}
