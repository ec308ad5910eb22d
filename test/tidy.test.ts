import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The rules of the house that no linter knows. */
const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['packages', 'test', 'deploy', 'docs'];
const leftOut = new Set(['node_modules', 'dist', 'testdata', '.turbo', 'coverage']);

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (leftOut.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}

const files = folders.flatMap((folder) => filesIn(join(root, folder)));
const sources = files.filter((file) => /\.(ts|mjs|js)$/.test(file));
const texts = new Map(sources.map((file) => [file, readFileSync(file, 'utf8')]));
const short = (file: string): string => relative(root, file);
const isTest = (file: string): boolean => file.endsWith('.test.ts');

/** What the sources are, of which `isBad` says so. */
const offenders = (isBad: (file: string, text: string) => boolean): readonly string[] =>
  [...texts].filter(([file, text]) => isBad(file, text)).map(([file]) => short(file));

describe('the house', () => {
  it('has no file of more than 300 lines in the packages', () => {
    const isLong = (file: string, text: string): boolean =>
      file.includes('/packages/') && !isTest(file) && text.split('\n').length > 301;
    expect(offenders(isLong)).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const isNamedOtherwise = (file: string): boolean =>
      !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(basename(file).replace(/(\.[a-z]+)+$/, ''));
    expect(offenders(isNamedOtherwise)).toEqual([]);
  });

  it('enters a package by its door only', () => {
    const deep = /from '(@hamn\/[a-z-]+\/[^']*)'/g;
    const isDoor = (name: string): boolean => doors.has(name);
    const found = [...texts].flatMap(([file, text]) =>
      [...text.matchAll(deep)]
        .filter(([, name = '']) => !isDoor(name))
        .map(([, name]) => `${short(file)}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  it('reaches into no other package by a path', () => {
    const found = [...texts].flatMap(([file, text]) => {
      const own = /^(packages\/[^/]+)\//.exec(short(file))?.[1];
      const imports = [...text.matchAll(/from '(\.[^']*)'/g)].map(([, path = '']) => path);
      return imports
        .map((path) => short(join(dirname(file), path)))
        .filter((path) => path.startsWith('packages/') && (own === undefined || !path.startsWith(`${own}/`)))
        .map((path) => `${short(file)}: ${path}`);
    });
    expect(found).toEqual([]);
  });

  it('gives no data to a shell', () => {
    const runs = /\bshell:|\bexec(Sync)?\(|['"`](\/bin\/)?(ba|da)?sh['"`]\s*,\s*\[?\s*['"`]-c/;
    // `pattern.exec(text)` is a regular expression's.
    const ownExec = /[.\w]exec\(/g;
    const isShell = (file: string, text: string): boolean =>
      file.includes('/packages/') &&
      !isTest(file) &&
      !file.includes('/testing/') &&
      runs.test(text.replaceAll(ownExec, ''));
    expect(offenders(isShell)).toEqual([]);
    for (const bad of ["spawn('sh', ['-c', text])", 'spawn(text, { shell: true })', 'exec(text)'])
      expect(runs.test(bad.replaceAll(ownExec, ''))).toBe(true);
  });

  it('leaves nothing for later in the code', () => {
    // Written apart, so that this file does not accuse itself.
    const later = new RegExp(`\\b(TO${'DO'}|FIX${'ME'})\\b`);
    expect(offenders((_, text) => later.test(text))).toEqual([]);
  });

  it('gives every package one door', () => {
    const packages = readdirSync(join(root, 'packages'));
    expect(packages.filter((name) => !existsSync(join(root, 'packages', name, 'src/index.ts')))).toEqual([]);
  });
});

/** Doors that a package opens beside its main one, in its own package.json. */
const doors = new Set(
  readdirSync(join(root, 'packages')).flatMap((name) => {
    const text = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8');
    const exported =
      (JSON.parse(text) as { readonly exports?: Readonly<Record<string, string>> }).exports ?? {};
    return Object.keys(exported).map((door) => `@hamn/${name}${door.slice(1)}`);
  }),
);

const pages = [
  ...files.filter((file) => extname(file) === '.md'),
  ...['README.md', 'CHANGELOG.md'].map((name) => join(root, name)).filter((path) => existsSync(path)),
];

describe('the documents', () => {
  for (const page of pages) {
    it(`${short(page)} links to what exists`, () => {
      const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
      const local = links
        .filter((link) => !/^([a-z]+:|#)/.test(link))
        .map((link) => link.replace(/#.*$/, ''));
      expect(local.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
    });

    it(`${short(page)} mentions files that exist`, () => {
      const named = [...readFileSync(page, 'utf8').matchAll(/`((?:packages|test|docs|deploy)\/[\w./-]+)`/g)];
      const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)));
      expect(missing).toEqual([]);
    });
  }

  it('are there at all', () => {
    expect(pages.some((page) => statSync(page).size > 0)).toBe(true);
  });
});
