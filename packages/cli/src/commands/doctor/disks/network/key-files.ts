import {
  type InterfaceFile,
  interfaceFile,
  isMac,
  plainAddress,
  plainMac,
  type ReadInterfaceFile,
} from './interface-file.ts';

/** Values by `section.key`, in order. Undefined: a line is neither a section nor a value nor a comment. */
function iniOf(text: string): readonly (readonly [key: string, value: string])[] | undefined {
  const values: (readonly [string, string])[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    const [, head] = /^\s*\[([^\]]+)\]\s*$/.exec(line) ?? [];
    const [, key, value = ''] = /^\s*([^=\s#;][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (head !== undefined) section = head.toLowerCase();
    else if (key !== undefined) values.push([`${section}.${key.toLowerCase()}`, value]);
    else if (!/^\s*([#;]|$)/.test(line)) return undefined;
  }
  return values;
}

const ofKeys = (
  values: readonly (readonly [string, string])[],
  ...keys: readonly string[]
): readonly string[] => values.filter(([key]) => keys.includes(key)).map(([, value]) => value);

function macsOf(
  values: readonly (readonly [string, string])[],
  use: 'match' | 'set',
  keys: readonly string[],
): InterfaceFile['macs'] {
  return values
    .filter(([key]) => keys.includes(key))
    .flatMap(([key, value]) =>
      value
        .split(/[\s;]+/)
        .filter(isMac)
        .map((mac) => ({ mac: plainMac(mac), use, setting: `${key.replace(/^.*\./, '')}=${mac}` })),
    );
}

/** A profile of NetworkManager. Source: nm-settings-keyfile(5). */
export const readKeyfile: ReadInterfaceFile = (text, file) => {
  const values = iniOf(text);
  if (values === undefined) return undefined;
  const [name] = ofKeys(values, 'connection.interface-name', '802-3-ethernet.interface-name');
  const [method] = ofKeys(values, 'ipv4.method');
  const [id = ''] = ofKeys(values, 'connection.id');
  const pins = (use: 'match' | 'set', property: string): InterfaceFile['macs'] =>
    macsOf(values, use, [`ethernet.${property}`, `802-3-ethernet.${property}`]).map((pin) => ({
      ...pin,
      mend: /^[\w .:-]+$/.test(id)
        ? `nmcli connection modify '${id}' 802-3-ethernet.${property} ''`
        : undefined,
    }));
  const addresses = values
    .filter(([key]) => /^ipv[46]\.address(es)?\d*$/.test(key))
    .flatMap(([, value]) => value.split(';').map(plainAddress))
    .filter((address) => address !== '');
  return [
    interfaceFile(file, {
      name,
      macs: [...pins('match', 'mac-address'), ...pins('set', 'cloned-mac-address')],
      // IPv6 comes by itself nearly everywhere, beside an address that stands here.
      dhcp: method === 'auto' ? '[ipv4] method=auto' : undefined,
      addresses,
    }),
  ];
};

const matchingMacs = ['match.macaddress', 'match.permanentmacaddress'];

/** A `.network` file of systemd-networkd. Source: systemd.network(5). */
export const readNetworkFile: ReadInterfaceFile = (text, file) => {
  const values = iniOf(text);
  if (values === undefined) return undefined;
  const [dhcp] = ofKeys(values, 'network.dhcp');
  return [
    interfaceFile(file, {
      name: ofKeys(values, 'match.name')[0]?.split(/\s+/)[0],
      macs: [...macsOf(values, 'match', matchingMacs), ...macsOf(values, 'set', ['link.macaddress'])],
      dhcp: dhcp !== undefined && /^(yes|true|1|on|ipv4|ipv6)$/i.test(dhcp) ? `DHCP=${dhcp}` : undefined,
      addresses: ofKeys(values, 'network.address', 'address.address').map(plainAddress),
    }),
  ];
};

/** A `.link` file of udev, which gives cards their names. Source: systemd.link(5). */
export const readLinkFile: ReadInterfaceFile = (text, file) => {
  const values = iniOf(text);
  if (values === undefined) return undefined;
  const [name] = ofKeys(values, 'link.name');
  return [
    interfaceFile(file, {
      name,
      macs: [...macsOf(values, 'match', matchingMacs), ...macsOf(values, 'set', ['link.macaddress'])],
      configures: false,
      names: name !== undefined || ofKeys(values, 'link.namepolicy').length > 0,
    }),
  ];
};
