import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { monotonicMs } from '../../client/log.ts';
import { Lab, machineOf } from '../../lab/index.ts';
import { initOf, type Site } from '../../lab/site.ts';
import { hasIpv4, hasIpv6 } from './kernel-view.ts';
import { MemberHealth } from './member-health.ts';
import type { KernelRecord, WatchRecord } from './watch-log.ts';

/**
 * Looks into each node's kernel every 10 ms, from the host and not by anybody's word: is the machine on, which VIPs does it have, may it
 * be primary? Runs in the observer's network and asks etcd's members there. Writes what changes; ends by SIGTERM.
 */
const { values } = parseArgs({
  options: {
    lab: { type: 'string', default: '' },
    nodes: { type: 'string', default: '' },
    vip4: { type: 'string', default: '' },
    vip6: { type: 'string', default: '' },
    certificates: { type: 'string', default: '' },
    log: { type: 'string', default: '/dev/stdout' },
  },
});
const LOOK_EVERY_MS = 10;
const SEARCH_EVERY_MS = 50;
const ASK_EVERY_MS = 400;
const BEAT_EVERY_MS = 500;

const fd = openSync(values.log, 'a');
const write = (record: WatchRecord): void => void writeSync(fd, `${JSON.stringify(record)}\n`);
type View = Pick<KernelRecord, 'on' | 'vips' | 'armed'>;

class Watched {
  readonly #site: Site;
  readonly #node: string;
  #pid: number | undefined;
  #searchedMs = 0;
  #lookedMs: number = monotonicMs();
  #last = '';

  constructor(site: Site, node: string) {
    this.#site = site;
    this.#node = node;
  }

  /** Milliseconds since the look before. */
  look(): number {
    const atMs = monotonicMs();
    const beforeMs = this.#lookedMs;
    const view = this.#view(atMs);
    this.#lookedMs = atMs;
    const text = JSON.stringify(view);
    if (text !== this.#last) write({ event: 'kernel', node: this.#node, atMs, beforeMs, ...view });
    this.#last = text;
    return atMs - beforeMs;
  }

  #view(atMs: number): View {
    if (this.#pid === undefined && atMs - this.#searchedMs >= SEARCH_EVERY_MS) {
      this.#searchedMs = atMs;
      this.#pid = initOf(this.#site, this.#node);
    }
    const seen = this.#pid === undefined ? undefined : lookInto(this.#pid);
    if (seen === undefined) this.#pid = undefined;
    return seen ?? { on: false, vips: [], armed: false };
  }
}

function lookInto(pid: number): View | undefined {
  try {
    const vips = [
      ...(hasIpv4(readFileSync(`/proc/${pid}/net/fib_trie`, 'utf8'), values.vip4) ? [values.vip4] : []),
      ...(hasIpv6(readFileSync(`/proc/${pid}/net/if_inet6`, 'utf8'), values.vip6) ? [values.vip6] : []),
    ];
    return { on: true, vips, armed: existsSync(join(`/proc/${pid}/root`, 'run/hamn/term-deadline')) };
  } catch {
    return undefined; // It has just been powered off.
  }
}

const nodes = values.nodes.split(',');
const site = await new Lab({ name: values.lab }).site();
const watched = nodes.map((node) => new Watched(site, node));
const members = nodes.map((node) => new MemberHealth(node, machineOf(node).ipv4, values.certificates));
let slowestMs = 0;
let lastHealthy = '';

setInterval(() => {
  for (const each of watched) slowestMs = Math.max(slowestMs, each.look());
}, LOOK_EVERY_MS);
setInterval(() => {
  write({ event: 'beat', atMs: monotonicMs(), slowestMs });
  slowestMs = 0;
}, BEAT_EVERY_MS);
setInterval(() => {
  void Promise.all(members.map((member) => member.ask())).then((answers) => {
    const healthy = nodes.filter((_, index) => answers[index] === true);
    const text = healthy.join();
    if (text !== lastHealthy) write({ event: 'etcd', atMs: monotonicMs(), healthy });
    lastHealthy = text;
  });
}, ASK_EVERY_MS);
process.on('SIGTERM', () => process.exit(0));
