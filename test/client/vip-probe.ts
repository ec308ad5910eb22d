import { openSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { answerFor, arpRequest, parseArp } from './arp-frame.ts';
import { appendRecord, monotonicMs } from './log.ts';
import { nodeOfMac } from './neighbour.ts';
import { PacketSocket } from './packet-socket.ts';

/**
 * Asks the segment by broadcast ARP every 20 ms who has the VIP, and logs every answer with its MAC: gaps are outages, two MACs at once
 * are a duplicate. `ip netns exec hamnlab-observer node test/client/vip-probe.ts --address 10.99.0.10 --log FILE`; ends by SIGTERM.
 */
const { values } = parseArgs({
  options: {
    address: { type: 'string', default: '10.99.0.10' },
    interface: { type: 'string', default: 'eth0' },
    'interval-ms': { type: 'string', default: '20' },
    'duration-ms': { type: 'string' },
    log: { type: 'string' },
  },
});

const ARP = 0x0806;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const fd = values.log === undefined ? 1 : openSync(values.log, 'a');
const address = values.address;
const own = networkInterfaces()[values.interface]?.find((each) => each.family === 'IPv4');
if (own === undefined) {
  console.error(
    `vip-probe: ${values.interface} has no IPv4 address here. Run it on the segment: ip netns exec hamnlab-observer ...`,
  );
  process.exit(1);
}

const socket = new PacketSocket(values.interface, ARP);
const request = arpRequest(own.mac, own.address, address);
let running = true;

function mark(event: 'probing' | 'probed'): void {
  appendRecord(fd, { event, address, atMs: monotonicMs(), wallMs: Date.now() });
}

async function listen(): Promise<void> {
  while (running) {
    const payload = await socket.receive();
    const atMs = monotonicMs();
    const frame = payload === undefined ? undefined : parseArp(payload);
    const kind = frame === undefined ? undefined : answerFor(frame, address);
    if (frame === undefined || kind === undefined) continue;
    const mac = frame.senderMac;
    appendRecord(fd, { event: 'answer', kind, address, mac, node: nodeOfMac(mac), atMs, wallMs: Date.now() });
  }
}

function stop(): void {
  running = false;
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
if (values['duration-ms'] !== undefined) setTimeout(stop, Number(values['duration-ms']));
mark('probing');
const timer = setInterval(() => socket.send(request, BROADCAST), Number(values['interval-ms']));
await listen();
clearInterval(timer);
mark('probed');
socket.close();
process.exit(0);
