export interface PinnedMac {
  readonly mac: string;
  /** `match`: only the card with this address is meant. `set`: the card gets this address. */
  readonly use: 'match' | 'set';
  readonly setting: string;
  /** The command that removes it, where one does. */
  readonly mend?: string | undefined;
}

/** What a file of the network's configuration says of one interface. */
export interface InterfaceFile {
  readonly file: string;
  /** Undefined: it goes by the card alone. */
  readonly name: string | undefined;
  readonly macs: readonly PinnedMac[];
  /** The setting that has it get its address by DHCP, such as `BOOTPROTO=dhcp`. */
  readonly dhcp: string | undefined;
  /** Without prefix lengths. */
  readonly addresses: readonly string[];
  /** It says which card has which name. */
  readonly names: boolean;
  /** It brings the interface up; the others only name it. */
  readonly configures: boolean;
}

/** Undefined: it is not understood. */
export type ReadInterfaceFile = (text: string, file: string) => readonly InterfaceFile[] | undefined;

export const interfaceFile = (file: string, more: Partial<InterfaceFile>): InterfaceFile => ({
  file,
  name: undefined,
  macs: [],
  dhcp: undefined,
  addresses: [],
  names: false,
  configures: true,
  ...more,
});

export const isMac = (text: string | undefined): text is string =>
  text !== undefined && /^[0-9a-f]{2}([:-][0-9a-f]{2}){5,19}$/i.test(text);

export const plainMac = (text: string): string => text.toLowerCase().replaceAll('-', ':');

/** `10.1.0.221` of `10.1.0.221/24,10.1.0.1`. */
export const plainAddress = (text: string): string => text.trim().replace(/[/,\s].*$/s, '');
