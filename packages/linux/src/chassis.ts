import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A network card: a port of it has a name, an address of its own and a place on the bus. */
export interface Card {
  readonly name: string;
  readonly mac: string;
  /** `0000:03:00.0`, or whatever the bus calls it. */
  readonly slot: string;
}

/** The box that the disks are in, as far as it can be read. */
export interface Chassis {
  readonly product?: string | undefined;
  readonly serial?: string | undefined;
  readonly board?: string | undefined;
  /** By name. */
  readonly cards: readonly Card[];
}

/**
 * Sources: the kernel's sysfs-firmware-dmi-tables and sysfs-class-net (a card has `device`; bridges, bonds and tunnels have none), the device tree on
 * POWER. `root` is another one in tests.
 */
export function readChassis(root = '/'): Chassis {
  const dmi = (name: string): string | undefined => known(readWord(join(root, 'sys/class/dmi/id', name)));
  const tree = (name: string): string | undefined => known(readWord(join(root, 'proc/device-tree', name)));
  return {
    product: dmi('product_name') ?? tree('model'),
    serial: dmi('product_serial') ?? tree('system-id'),
    board: dmi('board_serial'),
    cards: readCards(join(root, 'sys/class/net')),
  };
}

/** What differs, as a phrase; undefined where nothing does. What one of them does not know is not compared. */
export function otherChassis(was: Chassis, now: Chassis): string | undefined {
  const parts = (['product', 'serial', 'board'] as const).flatMap((what) => {
    const [before, after] = [was[what], now[what]];
    return before === undefined || after === undefined || before === after
      ? []
      : [`${words[what]} is ${after}, it was ${before}`];
  });
  const macs = (chassis: Chassis): string =>
    chassis.cards
      .map(({ mac }) => mac)
      .toSorted()
      .join(', ');
  if (was.cards.length > 0 && macs(was) !== macs(now))
    parts.push(`its network cards are ${cardsText(now)}; they were ${cardsText(was)}`);
  return parts.length === 0 ? undefined : parts.join('; ');
}

const words = {
  product: 'its model',
  serial: 'its serial number',
  board: 'the serial number of its board',
} as const;

/** `eth0 52:54:00:00:00:01 (0000:03:00.0), ...` */
export const cardsText = ({ cards }: Chassis): string =>
  cards.length === 0 ? 'none' : cards.map(({ name, mac, slot }) => `${name} ${mac} (${slot})`).join(', ');

/** Not the ports that come and go: USB (service processors have such), virtual functions, and addresses that the kernel drew by lot. */
function readCards(folder: string): readonly Card[] {
  return listed(folder).flatMap((name) => {
    const at = (path: string): string => join(folder, name, path);
    const slot = linkOf(at('device'));
    // Of a port in a bond the kernel shows the bond's address; the card's own one is beside it.
    const mac = readWord(at('bonding_slave/perm_hwaddr')) ?? readWord(at('address')) ?? '';
    const comesAndGoes =
      linkOf(at('device/physfn')) !== undefined || readWord(at('addr_assign_type')) === drawnByLot;
    if (slot === undefined || mac === '' || comesAndGoes || /^\d+-[\d.]+:/.test(slot)) return [];
    return [{ name, mac: mac.toLowerCase(), slot }];
  });
}

const drawnByLot = '1';

/** Makers who have nothing to say say this. */
const known = (text: string | undefined): string | undefined =>
  text === undefined ||
  /^$|not (specified|available|applicable)|to be filled|^(none|default string|0+)$/i.test(text)
    ? undefined
    : text;

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return basename(readlinkSync(path));
  } catch {
    return undefined;
  }
}

function readWord(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim();
  } catch {
    return undefined;
  }
}
