// packages-installed.mjs LOCK INSTALLED: exit 0 when npm's record of what is installed (node_modules/.package-lock.json) has every
// package of the lock file in its version. Plain JavaScript, since it runs before there is a Node that reads TypeScript.
import { readFileSync } from 'node:fs';

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages ?? {};

const [, , lockPath, installedPath] = process.argv;
const wanted = packagesOf(lockPath);
const present = packagesOf(installedPath);
const isCurrent = Object.entries(wanted).every(([place, want]) => {
  if (!place.includes('node_modules/') || want.link) return true;
  const have = present[place];
  // Optional packages of other platforms are never installed.
  return have === undefined
    ? want.optional === true || want.devOptional === true
    : have.version === want.version;
});
process.exitCode = isCurrent ? 0 : 1;
