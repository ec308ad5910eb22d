import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where control groups are mounted: the unified hierarchy, the hybrid one's, and v1's named one of systemd. */
export interface ControlGroupRoot {
  readonly path: string;
}

const deepestSlice = 8;

/**
 * The directory below which systemd's slices stand, for example `/sys/fs/cgroup`. Undefined where no hierarchy is mounted that systemd uses.
 * Source: systemd's "Control Group APIs and Delegation", Three Different Tree Setups.
 */
export function controlGroupRoot(
  mount = '/sys/fs/cgroup',
  ofInit = '/proc/1/cgroup',
): ControlGroupRoot | undefined {
  const hierarchy = [mount, `${mount}/unified`, `${mount}/systemd`].find((path) =>
    existsSync(`${path}/cgroup.procs`),
  );
  if (hierarchy === undefined) return undefined;
  const own = join(hierarchy, initGroup(ofInit));
  return { path: existsSync(own) ? own : hierarchy };
}

/** In a container without a cgroup namespace systemd does not start at the top; its own group ends in init.scope. */
function initGroup(ofInit: string): string {
  const match = /^(?:0:|\d+:name=systemd):(.*?)(?:\/init\.scope)?$/m.exec(readOrEmpty(ofInit));
  return match?.[1] ?? '/';
}

/**
 * The control group of a unit, found without D-Bus; undefined when it has none, so runs no process. An admin may have given the unit a
 * slice of its own, so every slice is searched when the usual places have none.
 */
export function controlGroupOf(
  unit: string,
  root: ControlGroupRoot | undefined = controlGroupRoot(),
): string | undefined {
  if (root === undefined || !/^[^/\0]+\.[a-z]+$/.test(unit)) return undefined;
  const usual = usualPlaces(unit).map((place) => join(root.path, place));
  return usual.find((path) => existsSync(path)) ?? search(root.path, unit, deepestSlice);
}

/** systemd puts instances of a template into `system-<template>.slice`, its name escaped (systemd.slice(5), systemd.unit(5)). */
function usualPlaces(unit: string): string[] {
  const at = unit.indexOf('@');
  const plain = `system.slice/${unit}`;
  if (at < 0) return [plain];
  const slice = `system-${unit.slice(0, at).replaceAll('-', '\\x2d')}.slice`;
  return [`system.slice/${slice}/${unit}`, plain];
}

function search(directory: string, unit: string, depth: number): string | undefined {
  const direct = join(directory, unit);
  if (existsSync(direct)) return direct;
  if (depth === 0) return undefined;
  for (const slice of subgroups(directory)) {
    if (!slice.endsWith('.slice')) continue;
    const found = search(join(directory, slice), unit, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Names of the groups directly below; none when the group is gone. */
export function subgroups(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
