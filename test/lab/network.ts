import { existsSync } from 'node:fs';
import { LabError } from './lab-error.ts';
import { CLIENT, type Layout, type Machine, nodeNetns, OBSERVER, portOf } from './layout.ts';
import { must, run } from './run.ts';

/**
 * The segment: a bridge in a network namespace of its own, one veth pair to each machine. `p-<name>` is the bridge's end, `eth0` the
 * machine's. Nothing of it is visible in the host's own network namespace.
 */
export type Link = 'connected' | 'cut' | 'isolated' | 'absent';

const BRIDGE = 'br0';
/** IPv6 off: the switch is no host; an isolated port must not answer neighbour discovery by itself. */
const QUIET_SWITCH =
  'for each in all default; do echo 1 > /proc/sys/net/ipv6/conf/$each/disable_ipv6; done 2>/dev/null; true';

export const hasNetns = (name: string): boolean => existsSync(`/run/netns/${name}`);

/** Makes the switch and the onlookers' places; what is there already stays. */
export async function makeSwitch(layout: Layout): Promise<void> {
  if (!hasNetns(layout.switchNetns)) {
    await must(['ip', 'netns', 'add', layout.switchNetns]);
    await must(inNetns(layout.switchNetns, ['sh', '-c', QUIET_SWITCH]));
  }
  const bridge = await run(['ip', '-n', layout.switchNetns, 'link', 'show', BRIDGE]);
  if (bridge.code !== 0) {
    await batch(layout.switchNetns, [
      `link add ${BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set ${BRIDGE} up`,
    ]);
  }
  for (const [machine, netns] of onlookers(layout)) {
    if (hasNetns(netns) && (await linkOf(layout, machine.name)) === 'connected') continue;
    await plug(layout, machine, netns);
  }
}

/** The machines that are only a network namespace, where programs of the host run. */
const onlookers = (layout: Layout): [Machine, string][] => [
  [CLIENT, layout.clientNetns],
  [OBSERVER, layout.observerNetns],
];

/** Gives a machine a fresh network namespace with its addresses on `eth0`, connected to the switch. */
export async function plug(
  layout: Layout,
  machine: Machine,
  netns: string = nodeNetns(layout, machine.name),
): Promise<void> {
  await unplug(layout, machine.name, netns);
  await must(['ip', 'netns', 'add', netns]);
  const port = portOf(machine.name);
  await batch(layout.switchNetns, [
    `link add ${port} type veth peer name eth0 address ${machine.mac} netns ${netns}`,
    `link set ${port} master ${BRIDGE} up`,
  ]);
  await batch(netns, [
    'link set lo up',
    `address add ${machine.ipv4}/24 broadcast + dev eth0`,
    'link set eth0 up',
    `address add ${machine.ipv6}/64 dev eth0 nodad`,
  ]);
}

/** Takes the veth and the namespace away; what is not there is not missed. */
export async function unplug(
  layout: Layout,
  name: string,
  netns: string = nodeNetns(layout, name),
): Promise<void> {
  if (hasNetns(layout.switchNetns))
    await run(['ip', '-n', layout.switchNetns, 'link', 'delete', portOf(name)]);
  if (hasNetns(netns)) await must(['ip', 'netns', 'delete', netns]);
}

/** The switch's port goes down: the machine sees the loss of its carrier. */
export const portDown = (layout: Layout, name: string): Promise<void> =>
  portBatch(layout, name, [`link set ${portOf(name)} down`]);

/** The port leaves the bridge: frames are dropped in both directions, the machine's carrier stays. */
export const portDetach = (layout: Layout, name: string): Promise<void> =>
  portBatch(layout, name, [`link set ${portOf(name)} nomaster`]);

/** Undoes both. */
export const portHeal = (layout: Layout, name: string): Promise<void> =>
  portBatch(layout, name, [`link set ${portOf(name)} master ${BRIDGE} up`]);

/** What the switch's side of a machine's link looks like now. */
export async function linkOf(layout: Layout, name: string): Promise<Link> {
  if (!hasNetns(layout.switchNetns)) return 'absent';
  const shown = await run(['ip', '-n', layout.switchNetns, '-o', 'link', 'show', portOf(name)]);
  if (shown.code !== 0) return 'absent';
  if (!/<[^>]*\bUP\b[^>]*>/.test(shown.stdout)) return 'cut';
  return shown.stdout.includes(`master ${BRIDGE}`) ? 'connected' : 'isolated';
}

/** Ends what still runs in the onlookers' namespaces (a recorder whose parent crashed) and removes them and the switch. */
export async function removeSwitch(layout: Layout): Promise<void> {
  for (const [machine, netns] of onlookers(layout)) {
    if (hasNetns(netns)) await endProcessesOf(netns);
    await unplug(layout, machine.name, netns);
  }
  if (!hasNetns(layout.switchNetns)) return;
  await endProcessesOf(layout.switchNetns);
  await must(['ip', 'netns', 'delete', layout.switchNetns]);
}

async function endProcessesOf(netns: string): Promise<void> {
  const pids = (await must(['ip', 'netns', 'pids', netns])).split('\n').filter((line) => line !== '');
  for (const pid of pids) killQuietly(Number(pid));
}

/** The command line that runs `argv` inside a network namespace, with the host's files. */
export const inNetns = (netns: string, argv: readonly string[]): string[] => [
  'nsenter',
  `--net=/run/netns/${netns}`,
  '--',
  ...argv,
];

async function portBatch(layout: Layout, name: string, lines: readonly string[]): Promise<void> {
  if ((await linkOf(layout, name)) === 'absent') {
    throw new LabError(
      'no-link',
      `Node ${name} has no link to the switch: it is powered off. Power it on first.`,
    );
  }
  await batch(layout.switchNetns, lines);
}

/** Several `ip` commands in a network namespace, in one call. */
export async function batch(netns: string, lines: readonly string[]): Promise<void> {
  await must(['ip', '-n', netns, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
