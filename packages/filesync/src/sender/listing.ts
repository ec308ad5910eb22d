import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isPattern, type ListedPath, listedPath, namesExpression } from '@hamn/core';

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** One for each line, with all the excludes: they tell whether what was complete then is what is listed now. */
export const marksOf = (paths: readonly string[], excludes: readonly string[]): readonly string[] =>
  paths
    .map((path) => JSON.stringify([listedPath(path).path, [...excludes].sort()]))
    .map((text) => createHash('sha256').update(text).digest('hex').slice(0, 16))
    .sort();

/** Which paths are copied: the list and the excludes, for the watch and for rsync alike. */
export class Listing {
  readonly listed: readonly ListedPath[];
  /** See `marksOf`. */
  readonly marks: readonly string[];
  readonly #excludes: readonly string[];
  readonly #names: readonly RegExp[];
  readonly #places: readonly string[];

  constructor(paths: readonly string[], excludes: readonly string[]) {
    this.listed = paths.map(listedPath);
    this.marks = marksOf(paths, excludes);
    this.#excludes = excludes;
    // rsync's patterns fit a leading dot, too.
    this.#names = excludes
      .filter((one) => !one.startsWith('/'))
      .map((one) =>
        isPattern(one) ? new RegExp(namesExpression(one).source.replace('(?!\\.)', '')) : exact(one),
      );
    this.#places = excludes.filter((one) => one.startsWith('/'));
  }

  /** The line of the list that a path belongs to; undefined: it is not copied. */
  of(path: string): ListedPath | undefined {
    if (this.isExcluded(path)) return undefined;
    return this.listed.find((one) => {
      if (one.pattern === undefined) return isWithin(path, one.path);
      const { folder, names } = one.pattern;
      if (path === folder || !isWithin(path, folder)) return false;
      const [name = ''] = path.slice(folder === '/' ? 1 : folder.length + 1).split('/');
      return namesExpression(names).test(name);
    });
  }

  /** rsync's own folder for what is not complete yet is never copied. */
  isExcluded(path: string): boolean {
    if (this.#places.some((place) => isWithin(path, place))) return true;
    return path
      .split('/')
      .some((part) => part === partialFolder || this.#names.some((name) => name.test(part)));
  }

  /** For every run of rsync: what is left alone on both sides. */
  filters(): readonly string[] {
    return this.#excludes.map((one) => `--exclude=${one}`);
  }

  /** Why a line of the list is not copied now; undefined where it is. */
  trouble(one: ListedPath): string | undefined {
    if (one.pattern !== undefined) {
      const { folder, names } = one.pattern;
      const expression = namesExpression(names);
      const isCopied = (name: string): boolean =>
        expression.test(name) && !this.isExcluded(join(folder, name));
      // A folder that is not mounted has no names that fit, and would delete all of them elsewhere.
      return namesIn(folder).some(isCopied)
        ? undefined
        : `Nothing on this node fits ${one.path}, so it is not copied: nothing is deleted elsewhere for it.`;
    }
    try {
      if (!lstatSync(one.path).isDirectory()) return undefined;
      // A file system that is not mounted looks like this, and would empty every copy.
      return readdirSync(one.path).length > 0
        ? undefined
        : `${one.path} is empty on this node, so it is not copied: nothing is deleted elsewhere for it.`;
    } catch {
      return `${one.path} does not exist on this node, so it is not copied: nothing is deleted elsewhere for it.`;
    }
  }
}

/** rsync(1), --delay-updates. */
export const partialFolder = '.~tmp~';

const exact = (name: string): RegExp => new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
