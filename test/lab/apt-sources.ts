import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const FALLBACK_MIRROR: string = 'http://deb.debian.org/debian';

/** The mirror from which this host takes Debian's main archive: the base root file system comes from the same place. */
export function hostMirror(aptDir: string = '/etc/apt'): string {
  const parts = join(aptDir, 'sources.list.d');
  const files = [join(aptDir, 'sources.list')];
  if (existsSync(parts))
    files.push(
      ...readdirSync(parts)
        .sort()
        .map((name) => join(parts, name)),
    );
  for (const file of files) {
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    const found = file.endsWith('.sources') ? mirrorOfDeb822(text) : mirrorOfOneLine(text);
    if (found !== undefined) return found;
  }
  return FALLBACK_MIRROR;
}

/** Reads the one-line style of sources.list(5). */
export function mirrorOfOneLine(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const match = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim());
    const [, uri, suite, components] = match ?? [];
    if (uri !== undefined && isMainArchive(uri, suite?.split(' ') ?? [], components?.split(/\s+/) ?? []))
      return uri;
  }
  return undefined;
}

/** Reads the deb822 style of sources.list(5). */
export function mirrorOfDeb822(text: string): string | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const fields = new Map<string, string[]>();
    for (const line of stanza.split('\n')) {
      const [, key, value] = /^([A-Za-z-]+):\s*(.*)$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) fields.set(key.toLowerCase(), value.trim().split(/\s+/));
    }
    if (fields.get('enabled')?.[0] === 'no' || !(fields.get('types') ?? []).includes('deb')) continue;
    const uri = fields.get('uris')?.[0];
    const components = fields.get('components') ?? [];
    if (uri !== undefined && isMainArchive(uri, fields.get('suites') ?? [], components)) return uri;
  }
  return undefined;
}

/** Debian's own archive with component main, and neither its security archive nor somebody else's repository. */
function isMainArchive(uri: string, suites: readonly string[], components: readonly string[]): boolean {
  const plain = suites.some((suite) => /^[a-z]+$/.test(suite));
  return /^(https?|file|ftp):/.test(uri) && /\/debian\/?$/.test(uri) && plain && components.includes('main');
}
