import type { GroupText } from './cluster-schema.ts';
import type { ResourceText } from './resources-schema.ts';
import { xcatPreset } from './xcat-preset.ts';

/** The lines of a group's resources, of which several may speak of one name. */

export type LineOrigin = 'vips' | 'postgres' | 'preset' | 'services' | 'resources';

export interface ResourceLine {
  readonly name: string;
  /** Everything that was said of it, the admin's word last. */
  readonly text: ResourceText;
  readonly origin: LineOrigin;
  /** What stands below `resources:` with this name. */
  readonly own: ResourceText | undefined;
  /** Index in `services:`. */
  readonly index: number | undefined;
}

/** What hamn knows of a group without `resources:`. */
export function givenLines(group: GroupText): readonly ResourceLine[] {
  const line = (name: string, origin: LineOrigin, text: ResourceText, index?: number): ResourceLine => ({
    name,
    origin,
    text,
    own: undefined,
    index,
  });
  const { vips, postgres, preset, family, services } = group;
  const preparedLines = preset === undefined ? {} : xcatPreset(family);
  return [
    ...vips.map(({ address, interface: link }, index) =>
      line(vips.length === 1 ? 'vip' : `vip-${index + 1}`, 'vips', {
        kind: 'vip',
        address,
        interface: link,
      }),
    ),
    ...(postgres === undefined ? [] : [line('postgres', 'postgres', { kind: 'postgres' })]),
    ...Object.entries(preparedLines).map(([name, text]) => line(name, 'preset', text)),
    ...services.map(({ name, unit, ...service }, index) =>
      line(name, 'services', { kind: 'unit', ...(unit === undefined ? {} : { unit }), ...service }, index),
    ),
  ];
}

/** All lines with `resources:` laid over them by name. A line of another kind replaces what was there. */
export function resourceLines(group: GroupText): readonly ResourceLine[] {
  const lines = new Map<string, ResourceLine>();
  for (const line of givenLines(group)) lines.set(line.name, line);
  for (const [name, own] of Object.entries(group.resources ?? {})) {
    const before = lines.get(name);
    if (own.remove === true) lines.delete(name);
    else if (before === undefined || (own.kind !== undefined && own.kind !== before.text.kind))
      lines.set(name, { name, origin: 'resources', text: own, own, index: undefined });
    else lines.set(name, { ...before, text: laidOver(before.text, own), own });
  }
  return withNames([...lines.values()]);
}

/** A job has one command, or one for each unit: the admin's word takes the place of either. */
function laidOver(before: ResourceText, own: ResourceText): ResourceText {
  const { command, commands, unitOf, ...rest } = before;
  return own.command === undefined && own.commands === undefined
    ? { ...before, ...own }
    : { ...rest, ...(own.commands === undefined || unitOf === undefined ? {} : { unitOf }), ...own };
}

/** `vip` and `postgres` stand for all of that kind. What a preset names and is not there is not waited for. */
function withNames(lines: readonly ResourceLine[]): readonly ResourceLine[] {
  const names = new Set(lines.map(({ name }) => name));
  const named = (line: ResourceLine, before: string): readonly string[] => {
    if (names.has(before)) return [before];
    const ofKind = lines.filter(
      ({ text }) => text.kind === before && (before === 'vip' || before === 'postgres'),
    );
    if (ofKind.length > 0) return ofKind.map(({ name }) => name);
    return line.origin === 'preset' && line.own?.after === undefined ? [] : [before];
  };
  return lines.map((line) => {
    if (line.text.after === undefined) return line;
    const after = [...new Set(line.text.after.flatMap((before) => named(line, before)))];
    return {
      ...line,
      text: { ...line.text, after: after.filter((name) => name !== line.name || line.own !== undefined) },
    };
  });
}
