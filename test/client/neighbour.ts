import { readFileSync } from 'node:fs';
import { CLIENT, machineOf, NODE_NAMES, OBSERVER } from '../lab/index.ts';

/** The lab machine with this MAC address, or the address itself where it is none of them. */
export function nodeOfMac(mac: string): string {
  const machines = [...NODE_NAMES.map((name) => machineOf(name)), CLIENT, OBSERVER];
  return machines.find((each) => each.mac === mac.toLowerCase())?.name ?? mac;
}

/** The machine to which this network namespace's kernel sends packets for `ipv4` now (proc_net_arp, proc(5)). */
export function neighbourOf(ipv4: string): string {
  for (const line of readFileSync('/proc/net/arp', 'utf8').split('\n')) {
    const [address, , , mac] = line.split(/\s+/);
    if (address === ipv4 && mac !== undefined) return nodeOfMac(mac);
  }
  const own = NODE_NAMES.map((name) => machineOf(name)).find((each) => each.ipv4 === ipv4);
  return own?.name ?? 'unknown';
}
