import type { Chassis } from '@hamn/linux';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../finding.ts';
import { type DisksQuestion, examineDisks } from '../handler.ts';
import { mdstat, mdWhole } from '../testing/tools.ts';
import { tree } from '../testing/tree.ts';
import { readInterfaceFiles } from './read-all.ts';

const mac = '52:54:00:aa:00:01';
const chassis: Chassis = {
  product: 'R640',
  serial: 'S1',
  cards: [
    { name: 'eth0', mac, slot: '0000:03:00.0' },
    { name: 'eth1', mac: '52:54:00:aa:00:02', slot: '0000:03:00.1' },
  ],
};
const one: Chassis = { ...chassis, cards: chassis.cards.slice(0, 1) };

async function examine(
  files: Readonly<Record<string, string>>,
  more: Partial<DisksQuestion> = {},
): Promise<readonly Finding[]> {
  return examineDisks({
    patient: tree({ '/proc/mdstat': mdstat(mdWhole), ...files }, { 'smartctl --scan -j': '{"devices":[]}' }),
    chassis: one,
    file: { address: '10.1.0.221', role: 'data' },
    settings: { vips: [{ address: '10.1.0.223', prefixLength: 24, interface: 'eth0' }] },
    own: 'eth0',
    ...more,
  });
}

const bad = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, what }) => `${level}: ${what}`);

const staticFile = {
  '/etc/network/interfaces': 'auto eth0\niface eth0 inet static\n  address 10.1.0.221/24\n',
};

describe('the files of the network', () => {
  it('fit another chassis', async () => {
    const findings = await examine(staticFile);
    expect(bad(findings)).toEqual([]);
    expect(findings[0]?.what).toBe(`This chassis: R640, serial number S1; cards eth0 ${mac} (0000:03:00.0).`);
    expect(findings.at(-1)?.what).toBe('The files of the network (1 interfaces) fit another chassis.');
  });

  it.each([
    [
      '/etc/sysconfig/network-scripts/ifcfg-eth0',
      `DEVICE="eth0"\nHWADDR=${mac.toUpperCase()}\nBOOTPROTO=none\nIPADDR=10.1.0.221\n`,
      'pins the configuration of eth0',
    ],
    [
      '/etc/sysconfig/network-scripts/ifcfg-eth0',
      `MACADDR='${mac}' # of the old card\nIPADDR0=10.1.0.221\n`,
      'gives the card of eth0 the address',
    ],
    [
      '/etc/sysconfig/network/ifcfg-eth0',
      `STARTMODE='auto'\nLLADDR='${mac}'\nIPADDR='10.1.0.221/24'\n`,
      'gives the card of eth0 the address',
    ],
    [
      '/etc/netplan/50-cloud-init.yaml',
      `network: {version: 2, ethernets: {eth0: {match: {macaddress: "${mac}"}, set-name: eth0, addresses: [10.1.0.221/24]}}}`,
      'pins the configuration of eth0',
    ],
    [
      '/etc/netplan/01.yaml',
      `network: {ethernets: {eth0: {macaddress: "${mac}", addresses: [{10.1.0.221/24: {lifetime: 0}}]}}}`,
      'gives the card of eth0 the address',
    ],
    [
      '/etc/NetworkManager/system-connections/eth0.nmconnection',
      `[connection]\nid=eth0\ninterface-name=eth0\n[ethernet]\nmac-address=${mac}\n[ipv4]\nmethod=manual\naddress1=10.1.0.221/24,10.1.0.1\n[ipv6]\nmethod=auto\n`,
      'pins the configuration of eth0',
    ],
    [
      '/etc/systemd/network/10-eth0.network',
      `[Match]\nMACAddress=${mac}\nName=eth0\n[Network]\nAddress=10.1.0.221/24\n`,
      'pins the configuration of eth0',
    ],
    [
      '/etc/network/interfaces.d/eth0',
      `iface eth0 inet static\n  address 10.1.0.221/24\n  hwaddress ether ${mac}\n`,
      'gives the card of eth0 the address',
    ],
  ])('pin a card: %s', async (file, text, what) => {
    const findings = await examine({ [file]: text });
    expect(bad(findings)).toHaveLength(1);
    expect(bad(findings)[0]).toContain(`error: ${file} ${what}`);
    expect(bad(findings)[0]).toContain(mac);
  });

  it('are told with the command that removes a pin', async () => {
    const mends = async (file: string, text: string): Promise<readonly (string | undefined)[]> =>
      (await examine({ [file]: text })).filter(({ level }) => level !== 'ok').map(({ mend }) => mend);
    const ifcfg = '/etc/sysconfig/network-scripts/ifcfg-eth0';
    expect((await mends(ifcfg, `HWADDR=${mac}\n`))[0]).toContain(`\nsed -i '/^ *HWADDR=/d' ${ifcfg}`);
    const keyfile = '/etc/NetworkManager/system-connections/a';
    const profile = (id: string): string =>
      `[connection]\nid=${id}\ninterface-name=eth0\n[ethernet]\ncloned-mac-address=${mac}\n`;
    expect((await mends(keyfile, profile('Wired 1')))[0]).toContain(
      "\nnmcli connection modify 'Wired 1' 802-3-ethernet.cloned-mac-address ''",
    );
    expect((await mends(keyfile, profile("'; reboot; '")))[0]).not.toContain('\n');
  });

  it.each([
    [
      '/etc/udev/rules.d/70-persistent-net.rules',
      `# PCI device\nSUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", \\\nATTR{address}=="${mac}", ATTR{type}=="1", KERNEL=="eth*", NAME="eth0"\nSUBSYSTEM=="block", NAME="x"\n`,
    ],
    ['/etc/systemd/network/10-eth0.link', `[Match]\nMACAddress=${mac}\n[Link]\nName=eth0\n`],
  ])('name a card by its address: %s', async (file, text) => {
    expect(bad(await examine({ ...staticFile, [file]: text }))).toEqual([
      expect.stringContaining(`error: ${file} pins the configuration of eth0 to the card ${mac}`),
    ]);
  });

  it.each([
    ['/etc/sysconfig/network-scripts/ifcfg-eth0', 'DEVICE=eth0\nBOOTPROTO="dhcp"\n', 'BOOTPROTO=dhcp'],
    ['/etc/netplan/01.yaml', 'network: {ethernets: {eth0: {dhcp4: yes}}}', 'eth0: dhcp4: true'],
    [
      '/etc/NetworkManager/system-connections/eth0',
      '[connection]\ninterface-name=eth0\n[ipv4]\nmethod=auto\n',
      '[ipv4] method=auto',
    ],
    ['/etc/systemd/network/10.network', '[Match]\nName=eth0\n[Network]\nDHCP=yes\n', 'DHCP=yes'],
    ['/etc/network/interfaces', 'iface eth0 inet dhcp\n', 'iface eth0 ... dhcp'],
  ])('have it by DHCP: %s', async (file, text, setting) => {
    expect(bad(await examine({ [file]: text }))).toEqual([
      `error: eth0, which this node’s address 10.1.0.221 needs, gets its address by DHCP (${setting} in ${file}).`,
    ]);
  });

  it('do not know an interface that is needed', async () => {
    expect(bad(await examine({}))).toEqual([
      'warning: No file that is known here configures eth0, which this node’s address 10.1.0.221 needs.',
    ]);
  });

  it('have a VIP', async () => {
    expect(
      bad(
        await examine({
          '/etc/sysconfig/network/ifcfg-eth0': "IPADDR='10.1.0.221/24'\nIPADDR_1='10.1.0.223/24'\n",
        }),
      ),
    ).toEqual(['error: /etc/sysconfig/network/ifcfg-eth0 has the VIP 10.1.0.223.']);
  });

  it('leave the order of cards to the kernel, unless they are named by their slots', async () => {
    const [finding] = (await examine(staticFile, { chassis })).filter(({ level }) => level !== 'ok');
    expect(finding?.what).toBe(
      'eth0 and eth1 have their names from the order in which the kernel finds them.',
    );
    expect(finding?.mend).toContain(
      '\n# /etc/systemd/network/10-eth1.link: [Match] Path=*-0000:03:00.1 [Link] Name=eth1',
    );
    const link = (name: string): string => `[Match]\nPath=pci-0000:03:00.0\n[Link]\nName=${name}\n`;
    const named = {
      ...staticFile,
      '/etc/systemd/network/10-eth0.link': link('eth0'),
      '/etc/systemd/network/10-eth1.link': link('eth1'),
    };
    expect(bad(await examine(named, { chassis }))).toEqual([]);
  });

  it('that are not understood are told, and copies are not looked at', async () => {
    const findings = await examine({
      ...staticFile,
      '/etc/netplan/01.yaml': 'network: [',
      '/etc/sysconfig/network-scripts/ifcfg-eth5': 'if true; then\n',
      '/etc/sysconfig/network-scripts/ifcfg-eth0.bak': `HWADDR=${mac}\n`,
      '/etc/sysconfig/network-scripts/ifcfg-lo': 'IPADDR=127.0.0.1\n',
      '/etc/NetworkManager/system-connections/x.nmconnection': 'what is this\n',
    });
    expect(bad(findings)).toEqual([
      'warning: /etc/sysconfig/network-scripts/ifcfg-eth5 could not be read.',
      'warning: /etc/netplan/01.yaml could not be read.',
      'warning: /etc/NetworkManager/system-connections/x.nmconnection could not be read.',
    ]);
  });

  it('say what is not known: no settings, no mirror', async () => {
    const findings = await examine({ ...staticFile, '/proc/mdstat': mdstat() }, { settings: undefined });
    expect(bad(findings)).toEqual([
      'warning: Neither a software RAID nor a RAID controller is seen here.',
      'warning: The settings could not be read from etcd.',
    ]);
  });

  it('find the interface of the node’s address by the files, where no card has it now', async () => {
    expect((await readInterfaceFiles(tree(staticFile))).all).toMatchObject([
      { name: 'eth0', addresses: ['10.1.0.221'] },
    ]);
    const findings = await examine(
      { '/etc/netplan/01.yaml': 'network: {ethernets: {eno1: {dhcp4: true, addresses: [10.1.0.221/24]}}}' },
      { own: undefined, settings: { vips: [] } },
    );
    expect(bad(findings)[0]).toContain('eno1, which this node’s address 10.1.0.221 needs');
  });
});
