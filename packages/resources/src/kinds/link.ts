import { link, lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { done, fail, type LinkResource, ok, type Result } from '@hamn/core';
import { type ResourceFailure, termOver } from '@hamn/engine';
import { type KindAdapter, onlyKind } from '../kind-adapter.ts';
import { codeOf, messageOf } from '../programs/errors.ts';

type Outcome = Result<undefined, ResourceFailure>;

const savedPath = (path: string): string => `${path}.hamn-saved`;
const newPath = (path: string): string => `${path}.hamn-new`;

/** Where the link points to, which is never touched itself: it may lie on a file system that hangs. */
async function stateOf({ path, to }: LinkResource): Promise<'ours' | 'nothing' | 'directory' | 'other'> {
  const found = await lstat(path).catch(absent);
  if (found === undefined) return 'nothing';
  if (found.isDirectory()) return 'directory';
  return found.isSymbolicLink() && (await readlink(path)) === to ? 'ours' : 'other';
}

const isThere = async (path: string): Promise<boolean> => (await lstat(path).catch(absent)) !== undefined;

function absent(error: unknown): undefined {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}

/** What stands there goes beside it, and the link takes its place. A file is never away in between; a directory is for a moment. */
async function putLink(what: LinkResource, permitted: () => boolean): Promise<Outcome> {
  const { path, to } = what;
  const saved = savedPath(path);
  const state = await stateOf(what);
  if (state === 'ours') return done;
  if (state !== 'nothing' && (await isThere(saved)))
    return fail(
      'unusable',
      `${path} is no link to ${to}, and ${saved} is there, too: hamn saves what was there before only once. Move away the one that is not needed.`,
    );
  await rm(newPath(path), { force: true });
  await symlink(to, newPath(path));
  if (!permitted()) {
    await rm(newPath(path), { force: true });
    return termOver(`${path} was linked`);
  }
  if (state === 'directory') await rename(path, saved);
  // Never overwrites: link(2) refuses a name that is taken.
  else if (state === 'other') await link(path, saved);
  await rename(newPath(path), path);
  return done;
}

async function takeLink(what: LinkResource): Promise<Outcome> {
  const { path } = what;
  const saved = savedPath(path);
  const state = await stateOf(what);
  // Whoever replaced the link wanted it so.
  if (state === 'other' || state === 'directory') return done;
  const before = await lstat(saved).catch(absent);
  if (before === undefined) await rm(path, { force: true });
  else {
    // rename(2) puts no directory in the place of a link.
    if (before.isDirectory()) await rm(path, { force: true });
    await rename(saved, path);
  }
  return done;
}

const inWords = (what: LinkResource, error: unknown): Result<never, ResourceFailure> => {
  const { path } = what;
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fail('unusable', `${dirname(path)} is no directory, so ${path} cannot be there. Create it.`);
    case 'EBUSY':
      return fail('unusable', `${path} is a mount point, so no link can take its place. Unmount it.`);
    case 'EROFS':
      return fail('unusable', `${path} lies on a file system that hamnd can only read.`);
    default:
      return fail('failed', `The link ${path} could not be changed: ${messageOf(error)}.`);
  }
};

const tried = (what: LinkResource, act: () => Promise<Outcome>): Promise<Outcome> =>
  act().catch((error: unknown) => inWords(what, error));

export const linkKind = (): KindAdapter => {
  const take = ({ what }: { readonly what: LinkResource }): Promise<Outcome> =>
    tried(what, () => takeLink(what));
  return onlyKind('link', {
    look: async ({ what }) => {
      const state = await stateOf(what);
      if (state === 'ours') return ok({ level: 'running', sure: true, reason: undefined });
      const reason =
        state === 'nothing' ? `${what.path} is not there.` : `${what.path} is no link to ${what.to}.`;
      return ok({ level: 'stopped', sure: true, reason });
    },
    start: ({ what }, permit) => tried(what, () => putLink(what, permit)),
    stop: take,
    kill: take,
  });
};
