import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { done, fail, type Result } from '@hamn/core';
import type { ClockPort, ResourceFailure } from '@hamn/engine';

/** Source: RFC 1035, 4.1: header and question. */
const headerBytes = 12;
const typeA = 1;
const classInternet = 1;
const response = 0x8000;

/** Asks for the address of `localhost`, without recursion. */
function query(id: number): Buffer {
  const name = 'localhost';
  const question = Buffer.alloc(1 + name.length + 1 + 4);
  question.writeUInt8(name.length, 0);
  question.write(name, 1, 'ascii');
  question.writeUInt16BE(typeA, name.length + 2);
  question.writeUInt16BE(classInternet, name.length + 4);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, question]);
}

/** Twice as often within the limit: a datagram may be lost. */
const sendings = 2;

/** Any answer, a refusal too, is one: what names it knows is not hamn's business. */
export function askDns(
  address: string,
  limitMs: number,
  clock: ClockPort,
  port = 53,
): Promise<Result<undefined, ResourceFailure>> {
  const id = 1 + (Math.floor(clock.wallMs()) % 0xfffe);
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const timers: (() => void)[] = [];
    const end = (result: Result<undefined, ResourceFailure>): void => {
      for (const cancel of timers.splice(0)) cancel();
      socket.close();
      resolve(result);
    };
    const failed = (why: string): void => end(fail('failed', `A query at ${address}, port ${port}: ${why}`));
    const send = (): void => socket.send(query(id));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      failed(error.code === 'ECONNREFUSED' ? 'nobody listens there.' : `${error.message}.`),
    );
    socket.on('message', (data: Buffer) => {
      if (data.length < headerBytes || data.readUInt16BE(0) !== id) return;
      if ((data.readUInt16BE(2) & response) !== 0) end(done);
    });
    socket.connect(port, address, () => {
      send();
      for (let at = 1; at < sendings; at += 1) timers.push(clock.after((at * limitMs) / sendings, send));
    });
    timers.push(clock.after(limitMs, () => failed(`no answer within ${Math.round(limitMs)} ms.`)));
  });
}
