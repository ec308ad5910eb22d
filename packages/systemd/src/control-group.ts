import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Control groups, read and written directly: works when systemd does not answer. Sources: the kernel's cgroup-v2.rst (cgroup.procs,
 * cgroup.kill since 5.14, cgroup.events) and systemd.slice(5).
 */
const mounts: readonly string[] = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** `a-b.slice` lies in `a.slice`; `-.slice` is the root. */
export function sliceDirectory(slice: string): string {
  if (slice === '' || slice === '-.slice') return '';
  const parts = slice.replace(/\.slice$/, '').split('-');
  return parts.map((_, at) => `${parts.slice(0, at + 1).join('-')}.slice`).join('/');
}

/** Where systemd puts a unit that names no slice: an instance of a template goes below a slice of the template's own. */
export function usualSlice(unit: string): string {
  const at = unit.indexOf('@');
  if (at <= 0) return 'system.slice';
  return `system-${unit.slice(0, at).replaceAll('-', '\\x2d')}.slice`;
}

/** The directory of the unit's control group, if there is one now. `controlGroup` and `slice` are systemd's word; empty when unknown. */
export function controlGroupDirectory(unit: string, controlGroup: string, slice: string): string | undefined {
  const places = [
    controlGroup,
    join(sliceDirectory(slice), unit),
    join(sliceDirectory(usualSlice(unit)), unit),
  ];
  for (const mount of mounts) {
    for (const place of places) {
      if (place === '' || place === '/' || !place.endsWith(unit)) continue;
      const directory = join(mount, place);
      if (existsSync(join(directory, 'cgroup.procs'))) return directory;
    }
  }
  return undefined;
}

/** The processes in a control group and below it. A group that has gone has none. */
export function processesIn(directory: string): readonly number[] {
  try {
    const own = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...below.flatMap((entry) => processesIn(join(directory, entry.name)))];
  } catch {
    // The group or a part of it went while it was read: what is gone has no processes.
    return [];
  }
}

/** SIGKILL to everything in the group. On kernels before 5.14 one by one: a fork may slip through, so call it until the group is empty. */
export function killControlGroup(directory: string): void {
  try {
    writeFileSync(join(directory, 'cgroup.kill'), '1');
    return;
  } catch {
    // An old kernel, cgroup v1, or the group is gone.
  }
  for (const pid of processesIn(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}
