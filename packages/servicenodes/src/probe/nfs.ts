import { connect } from 'node:net';
import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import type { ProbeFailure } from './ping.ts';

/** Source: RFC 5531 (ONC RPC, 9: the message protocol; 11: record marking), RFC 7530 (NFS is program 100003, its procedure 0 is NULL). */
const program = 100_003;
const lastFragment = 0x80000000;
const accepted = 0;
const success = 0;
const versionMismatch = 2;

/** A call of the procedure NULL with no credentials, in one record. */
export function nullCall(xid: number, version: number): Buffer {
  const words = [lastFragment + 40, xid, 0, 2, program, version, 0, 0, 0, 0, 0];
  const call = Buffer.alloc(words.length * 4);
  for (const [at, word] of words.entries()) call.writeUInt32BE(word, at * 4);
  return call;
}

/** What a reply says; undefined while it is not complete. Fragments of a reply so short do not occur. */
export function readReply(data: Buffer, xid: number): 'served' | 'other-version' | 'refused' | undefined {
  if (data.length < 4) return undefined;
  const length = data.readUInt32BE(0) & 0x7fffffff;
  if (length > 1024) return 'refused';
  if (data.length < 4 + length) return undefined;
  if (length < 24 || data.readUInt32BE(4) !== xid || data.readUInt32BE(8) !== 1) return 'refused';
  if (data.readUInt32BE(12) !== accepted) return 'refused';
  const verifierLength = data.readUInt32BE(20);
  const at = 24 + Math.ceil(verifierLength / 4) * 4;
  if (at + 4 > 4 + length) return 'refused';
  const status = data.readUInt32BE(at);
  if (status === success) return 'served';
  return status === versionMismatch ? 'other-version' : 'refused';
}

/** The NFS server's NULL over TCP: what `rpcinfo -T tcp HOST nfs` asks, without a portmapper, which NFSv4 does not need. */
export function askNfs(
  address: string,
  limitMs: number,
  clock: ClockPort,
  port = 2049,
): Promise<Result<string, ProbeFailure>> {
  const where = `The NFS server at ${address}:${port}`;
  const xid = 1 + (Math.floor(clock.wallMs()) % 0x7ffffffe);
  return new Promise((resolve) => {
    let data = Buffer.alloc(0);
    const cancel = clock.after(limitMs, () =>
      end(fail('failed', `${where} did not answer within ${limitMs} ms.`)),
    );
    const end = (result: Result<string, ProbeFailure>): void => {
      cancel();
      socket.destroy();
      resolve(result);
    };
    const socket = connect({ host: address, port });
    socket.on('connect', () => socket.write(nullCall(xid, 4)));
    socket.on('data', (chunk: Buffer) => {
      data = Buffer.concat([data, chunk]);
      const reply = readReply(data, xid);
      if (reply === 'refused') end(fail('failed', `${where} refuses the call NULL.`));
      // A server of NFSv3 only is a server that answers.
      else if (reply !== undefined) end(ok(`${where} answers.`));
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(
        fail(
          'failed',
          error.code === 'ECONNREFUSED'
            ? `Nothing listens at ${address}:${port}.`
            : `${where}: ${error.message}.`,
        ),
      ),
    );
    socket.on('close', () => end(fail('failed', `${where} closed the connection without an answer.`)));
  });
}
