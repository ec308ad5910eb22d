import { levelOf, type Part } from './part.ts';

const good = new Set(['OK', 'OK, spare', 'OK, active spare']);
const bad = new Set(['Failed', 'Interim Recovery Mode', 'Predictive Failure', 'Not Present', 'Erase Failed']);

/**
 * `ssacli ctrl all show config`, and hpssacli and hpacucli before it: a line for each drive, its state last in the brackets. Undefined: it is not
 * understood; empty: there is no controller.
 */
export function readSsacli(text: string): readonly Part[] | undefined {
  if (/No controllers detected/i.test(text)) return [];
  const parts: Part[] = [];
  let on: string | undefined;
  for (const line of text.split('\n')) {
    const [, model] = /^(\S.* in (?:Slot \S+|\S.*?))(?:\s+\(|\s*$)/.exec(line) ?? [];
    if (model !== undefined) on = model;
    // `array B (Failed)`: only a bad one has brackets that begin with a word of health.
    const [, array, health] = /^\s+array (\S+) \((Failed)/i.exec(line) ?? [];
    if (array !== undefined && health !== undefined)
      parts.push({ what: `array ${array} of ${on}`, state: health, level: 'error' });
    const [, kind, id, brackets] = /^\s+(logical|physical)drive (\S+) \((.*)\)\s*$/.exec(line) ?? [];
    if (kind === undefined) continue;
    // The size is the last thing before the state of a disk, the level that of a volume.
    const [, level, state] =
      (kind === 'logical'
        ? /, (RAID [^,]+), (.+)$/.exec(brackets ?? '')
        : /()[\d.]+ [KMGT]B, (.+)$/.exec(brackets ?? '')) ?? [];
    if (state === undefined) return undefined;
    const what = kind === 'logical' ? `logical drive ${id} (${level})` : `disk ${id}`;
    parts.push({ what: `${what} of ${on}`, state, level: levelOf(state, good, bad) });
  }
  return on === undefined || parts.length === 0 ? undefined : parts;
}
