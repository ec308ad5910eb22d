import {
  type InterfaceFile,
  interfaceFile,
  isMac,
  plainAddress,
  plainMac,
  type ReadInterfaceFile,
} from './interface-file.ts';

/** `/etc/network/interfaces` of Debian. Source: interfaces(5). */
export const readIfupdown: ReadInterfaceFile = (text, file) => {
  const found: InterfaceFile[] = [];
  for (const stanza of text.replaceAll('\\\n', ' ').split(/^(?=\s*iface\s)/m)) {
    const [, name, method] = /^\s*iface\s+(\S+)\s+\S+\s+(\S+)/.exec(stanza) ?? [];
    if (name === undefined || name === 'lo') continue;
    const values = stanza.split('\n').map((line) => line.trim().split(/\s+/));
    const addresses = values
      .filter(([key]) => key === 'address')
      .map(([, value = '']) => plainAddress(value));
    const macs = values
      .filter(([key]) => key === 'hwaddress')
      .flatMap((words): InterfaceFile['macs'] => {
        const mac = words.at(-1);
        return isMac(mac) ? [{ mac: plainMac(mac), use: 'set', setting: words.join(' ') }] : [];
      });
    found.push(
      interfaceFile(file, {
        name,
        macs,
        addresses,
        dhcp: method === 'dhcp' ? `iface ${name} ... dhcp` : undefined,
      }),
    );
  }
  return found;
};
