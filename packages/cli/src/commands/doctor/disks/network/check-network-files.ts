import type { Chassis } from '@hamn/linux';
import { broken, doubtful, type Finding, well } from '../../finding.ts';
import type { InterfaceFile } from './interface-file.ts';
import type { InterfaceFiles } from './read-all.ts';

export interface NetworkQuestion {
  readonly files: InterfaceFiles;
  readonly chassis: Chassis;
  /** Interfaces that VIPs and the node's own address are on, each with what it is needed for. */
  readonly inUse: ReadonlyMap<string, string>;
  /** Addresses alone. */
  readonly vips: readonly string[];
}

/** What of the network's files would not fit another chassis, or is a danger in any. */
export function judgeNetworkFiles(question: NetworkQuestion): readonly Finding[] {
  const { files } = question;
  const findings = [
    ...unread(files.unread),
    ...pinned(question),
    ...byDhcp(question),
    ...persistentVips(question),
    ...order(question),
  ];
  return findings.length > 0
    ? findings
    : [well(`The files of the network (${files.all.length} interfaces) fit another chassis.`)];
}

const unread = (files: readonly string[]): readonly Finding[] =>
  files.map((file) =>
    doubtful(
      `${file} could not be read.`,
      'Whether it pins a card, or has a VIP, is not known.',
      `Look at ${file} yourself.`,
    ),
  );

function pinned({ files, inUse }: NetworkQuestion): readonly Finding[] {
  return files.all.flatMap(({ file, name, macs }) =>
    macs.map(({ mac, use, setting, mend }) => {
      const exact = mend === undefined ? '' : `\n${mend}`;
      const whose = name === undefined ? '' : ` of ${name}`;
      const level = name !== undefined && inUse.has(name) ? broken : doubtful;
      return use === 'match'
        ? level(
            `${file} pins the configuration${whose} to the card ${mac} (${setting}).`,
            'In another chassis no card has that address: the interface does not come up, or not under its name.',
            `Remove ${setting} from ${file}. A name that must stay goes by the slot: [Match] Path= in a .link file.${exact}`,
          )
        : level(
            `${file} gives the card${whose} the address ${mac} (${setting}).`,
            'The other chassis, put to work again, may have the same one in the same network.',
            `Remove ${setting} from ${file}.${exact}`,
          );
    }),
  );
}

function byDhcp({ files, inUse }: NetworkQuestion): readonly Finding[] {
  return [...inUse].flatMap(([name, what]): readonly Finding[] => {
    const own = files.all.filter((each) => each.name === name && each.configures);
    const dhcp = own.find((each) => each.dhcp !== undefined);
    if (dhcp !== undefined)
      return [
        broken(
          `${name}, which ${what} needs, gets its address by DHCP (${dhcp.dhcp} in ${dhcp.file}).`,
          'Another chassis has other cards, and gets another address or none; on a management node the DHCP server may be its own.',
          `Write the address into ${dhcp.file}.`,
        ),
      ];
    if (own.length > 0) return [];
    return [
      doubtful(
        `No file that is known here configures ${name}, which ${what} needs.`,
        'Whether it comes up in another chassis is not known.',
        `Look how ${name} gets its address: networkctl status ${name}; nmcli device show ${name}`,
      ),
    ];
  });
}

function persistentVips({ files, vips }: NetworkQuestion): readonly Finding[] {
  return files.all.flatMap((each: InterfaceFile) =>
    each.addresses
      .filter((address) => vips.includes(address))
      .map((vip) =>
        broken(
          `${each.file} has the VIP ${vip}.`,
          'The machine would answer for it from its boot on, whoever is primary. A VIP is never persistent: hamn adds it.',
          `Remove ${vip} from ${each.file}, and reload the network.`,
        ),
      ),
  );
}

/** `eth0`, `eth1` in the order in which the kernel finds them, which is another one in another chassis. */
function order({ files, chassis }: NetworkQuestion): readonly Finding[] {
  const drawn = chassis.cards.filter(({ name }) => /^eth\d+$/.test(name)).map(({ name }) => name);
  const isNamed = (name: string): boolean => files.all.some((each) => each.names && each.name === name);
  const open = drawn.filter((name) => !isNamed(name));
  if (open.length < 2) return [];
  const links = chassis.cards
    .filter(({ name }) => open.includes(name))
    .map(
      ({ name, slot }) =>
        `# /etc/systemd/network/10-${name}.link: [Match] Path=*-${slot} [Link] Name=${name}`,
    );
  return [
    doubtful(
      `${open.join(' and ')} have their names from the order in which the kernel finds them.`,
      'In another chassis they may be exchanged, and the VIP would be in the wrong network.',
      `Give each its name by its slot (udevadm info /sys/class/net/${open[0]} shows ID_PATH), then: update-initramfs -u, or dracut -f\n${links.join('\n')}`,
    ),
  ];
}
