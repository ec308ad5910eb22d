/**
 * systemd's object path of a unit: each byte that is no ASCII letter or digit becomes `_` and two hexadecimal digits, as does a leading
 * digit (sd_bus_path_encode(3)).
 */
export const prefix = '/org/freedesktop/systemd1/unit/';

const isPlain = (byte: number, first: boolean): boolean =>
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (!first && byte >= 0x30 && byte <= 0x39);

export function pathOfUnit(unit: string): string {
  let path = prefix;
  let first = true;
  for (const byte of Buffer.from(unit, 'utf8')) {
    path += isPlain(byte, first) ? String.fromCharCode(byte) : `_${byte.toString(16).padStart(2, '0')}`;
    first = false;
  }
  return path;
}

/** The unit's name, or undefined where the path is not a unit's. */
export function unitOfPath(path: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined;
  const bytes: number[] = [];
  const label = path.slice(prefix.length);
  for (let at = 0; at < label.length; at += 1) {
    if (label[at] === '_') {
      const value = Number.parseInt(label.slice(at + 1, at + 3), 16);
      if (Number.isNaN(value)) return undefined;
      bytes.push(value);
      at += 2;
    } else {
      bytes.push(label.charCodeAt(at));
    }
  }
  return Buffer.from(bytes).toString('utf8');
}
