import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../lab/run.ts';
import { lab } from './whole-cluster.ts';

/** Source: RFC 5531 and RFC 7530: the procedure NULL of NFS (program 100003), version 4, in one record; and its reply, accepted with success. */
const call = ['80000028', '68616d6e', '00000000', '00000002', '000186a3', '00000004', '00000000'];
const nullCall = `${call.join('')}${'00000000'.repeat(4)}`;
const reply = `8000001868616d6e00000001${'00000000'.repeat(4)}`;

const program = `
const [host, limitMs] = [process.argv[1], Number(process.argv[2])];
const end = (code) => process.exit(code);
setTimeout(() => end(3), limitMs);
const socket = require('net').connect(2049, host, () => socket.write(Buffer.from('${nullCall}', 'hex')));
let text = '';
socket.on('data', (piece) => { text += piece.toString('hex'); if (text.length >= ${reply.length}) end(text.startsWith('${reply}') ? 0 : 4); });
socket.on('error', () => end(5));
`;

/** Whether an NFS server answers a client of the segment at this address. */
export async function nfsAnswers(address: string, limitMs = 1000): Promise<boolean> {
  const argv = lab.clientCommand([process.execPath, '-e', program, address, String(limitMs)]);
  return (await run(argv, { timeoutMs: limitMs + 5000 })).code === 0;
}

export interface Watch {
  /** Ends it; how often it was asked, and the longest time from one answer to the next. */
  end(): Promise<{ readonly asked: number; readonly silentMs: number }>;
}

/** A client that asks again and again. */
export function watchNfs(address: string, everyMs = 250): Watch {
  let [ended, asked, silentMs, answeredAt] = [false, 0, 0, performance.now()];
  const note = (): void => {
    silentMs = Math.max(silentMs, performance.now() - answeredAt);
  };
  const work = (async () => {
    while (!ended) {
      asked += 1;
      const answered = await nfsAnswers(address);
      note();
      if (answered) answeredAt = performance.now();
      await sleep(everyMs);
    }
  })();
  return {
    end: async () => {
      ended = true;
      await work;
      return { asked, silentMs };
    },
  };
}
