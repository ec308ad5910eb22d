import { levelOf, type Part } from './part.ts';

const good = new Set([
  'Optimal',
  'Online',
  'Ready',
  'Hot Spare',
  'Global Hot-Spare',
  'Dedicated Hot-Spare',
  'Hot-Spare',
]);
const bad = new Set(['Degraded', 'Failed', 'Offline', 'Missing', 'Suboptimal', 'Interim Recovery']);

/** `arcconf GETCONFIG 1 AL` (Adaptec, Microchip). Undefined: it is not understood; empty: there is no controller. */
export function readArcconf(text: string): readonly Part[] | undefined {
  const [, found] = /^\s*Controllers found: (\d+)/m.exec(text) ?? [];
  if (found === undefined) return undefined;
  if (found === '0') return [];
  const parts: Part[] = [];
  let what = '';
  let isDisk = false;
  for (const line of text.split('\n')) {
    const [, logical] = /^\s*Logical device number (\d+)/i.exec(line) ?? [];
    const [, disk] = /^\s*Device #(\d+)/.exec(line) ?? [];
    if (logical !== undefined) what = `logical device ${logical}`;
    if (disk !== undefined) what = `disk ${disk}`;
    // Enclosures and expanders are listed like disks.
    if (disk !== undefined || logical !== undefined) isDisk = false;
    if (/^\s*Device is a Hard drive/i.test(line)) isDisk = true;
    const [, key = '', value = ''] = /^\s*(\S[^:]*?)\s*: (.*?)\s*$/.exec(line) ?? [];
    if (/^Controller Status$/i.test(key)) parts.push(partOf('the controller', value));
    else if (/^Status of logical device$/i.test(key)) parts.push(partOf(what, value));
    else if (isDisk && /^State$/.test(key)) {
      parts.push(partOf(what, value));
      isDisk = false;
    }
  }
  // A controller without a single volume or disk was not understood.
  return parts.length < 2 ? undefined : parts;
}

const partOf = (what: string, state: string): Part => ({ what, state, level: levelOf(state, good, bad) });
