import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const CLONE_NEWNET = 0x40000000;
const setns = koffi.load('libc.so.6').func('setns', 'int', ['int', 'int']);

/** Runs `ip` with a limit; throws with what it printed. */
export function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A pair of network namespaces joined by a cable: `eth0` in each. For tests, as root. */
export interface TestSegment {
  readonly here: string;
  readonly peer: string;
  /** Runs `run` with the calling thread in that namespace; sockets opened in it stay there. `run` must not wait. */
  inside<T>(namespace: string, run: () => T): T;
  /** Moves the calling thread into that namespace until `remove`. */
  enter(namespace: string): void;
  remove(): void;
}

const ownNamespace = '/proc/thread-self/ns/net';

function inside<T>(namespace: string, run: () => T): T {
  const own = openSync(ownNamespace, 'r');
  try {
    enter(`/run/netns/${namespace}`);
    return run();
  } finally {
    setns(own, CLONE_NEWNET);
    closeSync(own);
  }
}

function enter(path: string): void {
  const other = openSync(path, 'r');
  const entered = setns(other, CLONE_NEWNET) === 0;
  closeSync(other);
  if (!entered) throw new Error(`No way into the namespace ${path}.`);
}

export const testMacs: { readonly here: string; readonly peer: string } = {
  here: '02:00:00:00:aa:01',
  peer: '02:00:00:00:aa:02',
};

/** Addresses: here 192.0.2.1/24 and 2001:db8::1/64, the peer .2 and ::2. `name` keeps tests that run side by side apart. */
export function createTestSegment(name: string): TestSegment {
  const here = `hamn-kernel-test-${name}-a${process.pid}`;
  const peer = `hamn-kernel-test-${name}-b${process.pid}`;
  const cable = `hkt${process.pid}`;
  ip('netns', 'add', here);
  ip('netns', 'add', peer);
  ip('link', 'add', `${cable}a`, 'netns', here, 'type', 'veth', 'peer', 'name', `${cable}b`, 'netns', peer);
  setUp(here, `${cable}a`, testMacs.here, 1);
  setUp(peer, `${cable}b`, testMacs.peer, 2);
  const home = openSync(ownNamespace, 'r');
  return {
    here,
    peer,
    inside,
    enter: (namespace) => enter(`/run/netns/${namespace}`),
    remove: () => {
      setns(home, CLONE_NEWNET);
      closeSync(home);
      for (const namespace of [here, peer]) ip('netns', 'delete', namespace);
    },
  };
}

function setUp(namespace: string, cable: string, mac: string, host: number): void {
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
  ip('-n', namespace, 'link', 'set', cable, 'name', 'eth0', 'address', mac, 'up');
  ip('-n', namespace, 'address', 'add', `192.0.2.${host}/24`, 'dev', 'eth0');
  ip('-n', namespace, 'address', 'add', `2001:db8::${host}/64`, 'dev', 'eth0', 'nodad');
}
