import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Lab } from '../lab/index.ts';

/** What tcpdump at the observer's place saw of ARP and neighbour discovery. */
export interface Capture {
  /** Frames as tcpdump writes them, with MAC addresses. */
  readonly lines: () => readonly string[];
  readonly stop: () => Promise<void>;
}

export interface Place {
  readonly within?: (argv: readonly string[]) => string[];
  readonly on?: string;
}

/** Begins to listen, at the observer's place or in the namespace and on the interface that are named; returns when tcpdump does. */
export async function capture(
  lab: Lab,
  { within = (argv) => lab.observerCommand(argv), on = 'eth0' }: Place = {},
): Promise<Capture> {
  const filter = 'arp or (icmp6 and ip6[40] == 136)';
  const [program = '', ...args] = within(['tcpdump', '-i', on, '-e', '-n', '-l', '-tt', filter]);
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const listening = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`tcpdump does not listen: ${said}`)), 10_000);
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      said += part;
      if (!said.includes('listening on')) return;
      clearTimeout(late);
      resolve();
    });
  });
  await listening;
  return {
    lines: () => text.split('\n').filter((line) => line !== ''),
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGINT');
      await gone;
    },
  };
}
