import {
  type InterfaceFile,
  interfaceFile,
  isMac,
  plainMac,
  type ReadInterfaceFile,
} from './interface-file.ts';

/** Rules of udev that give network cards a name, such as 70-persistent-net.rules. Source: udev(7). */
export const readUdevRules: ReadInterfaceFile = (text, file) =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter(
      (line) =>
        !/^\s*(#|$)/.test(line) && /\bNAME\s*:?=\s*"/.test(line) && /SUBSYSTEM\s*==\s*"net"/.test(line),
    )
    .map((line): InterfaceFile => {
      const [, mac] = /ATTRS?\{address\}\s*==\s*"([^"]+)"/.exec(line) ?? [];
      const [, name] = /\bNAME\s*:?=\s*"([^"]+)"/.exec(line) ?? [];
      return interfaceFile(file, {
        name,
        names: true,
        configures: false,
        macs: isMac(mac) ? [{ mac: plainMac(mac), use: 'match', setting: `ATTR{address}=="${mac}"` }] : [],
      });
    });
