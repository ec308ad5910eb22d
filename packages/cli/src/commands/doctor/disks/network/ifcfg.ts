import { basename } from 'node:path';
import {
  type InterfaceFile,
  interfaceFile,
  isMac,
  plainAddress,
  plainMac,
  type ReadInterfaceFile,
} from './interface-file.ts';

const matching = ['HWADDR'];
// LLADDR is SLES' word. PRESERVED and `random` are no addresses.
const setting = ['MACADDR', 'LLADDR'];

/** `ifcfg-eth0` of RHEL (network-scripts) and SLES (wicked): assignments of a shell. Sources: nm-settings-ifcfg-rh(5), ifcfg(5). */
export const readIfcfg: ReadInterfaceFile = (text, file) => {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z0-9_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) values.set(name.toUpperCase(), unquoted(value));
    else if (!/^\s*(#|$)/.test(line)) return undefined;
  }
  const macs = [...matching, ...setting].flatMap((name): InterfaceFile['macs'] => {
    const mac = values.get(name);
    return isMac(mac)
      ? [
          {
            mac: plainMac(mac),
            use: matching.includes(name) ? 'match' : 'set',
            setting: `${name}=${mac}`,
            mend: /^[\w./:-]+$/.test(file) ? `sed -i '/^ *${name}=/d' ${file}` : undefined,
          },
        ]
      : [];
  });
  const protocol = values.get('BOOTPROTO') ?? '';
  const addresses = [...values]
    .filter(([name]) => /^(IPADDR[_0-9A-Z]*|IPV6ADDR(_SECONDARIES)?)$/.test(name))
    .flatMap(([, value]) => value.split(/\s+/).map(plainAddress))
    .filter((address) => address !== '');
  return [
    interfaceFile(file, {
      name: values.get('DEVICE') ?? basename(file).replace(/^ifcfg-/, ''),
      macs,
      dhcp: /dhcp|bootp/i.test(protocol) ? `BOOTPROTO=${protocol}` : undefined,
      addresses,
    }),
  ];
};

function unquoted(text: string): string {
  const [, double, single] = /^\s*(?:"([^"]*)"|'([^']*)')/.exec(text) ?? [];
  return (double ?? single ?? text.replace(/\s+#.*$/, '')).trim();
}
