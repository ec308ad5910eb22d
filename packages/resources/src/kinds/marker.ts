import { chmod, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { done, fail, type MarkerResource, ok, type ResourceLook, type Result } from '@hamn/core';
import { always, type Permit, type ResourceFailure, termOver } from '@hamn/engine';
import { type KindAdapter, onlyKind } from '../kind-adapter.ts';
import { codeOf, messageOf } from '../programs/errors.ts';

type Outcome = Result<undefined, ResourceFailure>;

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

async function stateOf({ onPrimary, elsewhere }: MarkerResource): Promise<ResourceLook> {
  const [primary, other] = await Promise.all([isThere(onPrimary), isThere(elsewhere)]);
  const sure = true;
  if (primary && other)
    return { level: 'failed', sure, reason: `${onPrimary} and ${elsewhere} are both there.` };
  if (primary) return { level: 'promoted', sure, reason: undefined };
  if (other) return { level: 'running', sure, reason: undefined };
  return { level: 'stopped', sure, reason: `Neither ${onPrimary} nor ${elsewhere} is there.` };
}

/** Leaves `right` alone, never neither: one file becomes the other where that can be done in one step. */
async function leave(right: string, wrong: string, permitted: Permit): Promise<Outcome> {
  const [hasRight, hasWrong] = await Promise.all([isThere(right), isThere(wrong)]);
  if (!permitted()) return termOver(`${right} was put there`);
  if (!hasRight && hasWrong && (await isRenamed(wrong, right))) return done;
  if (!hasRight) {
    await writeFile(right, '', { flag: 'a' });
    // Other programs read it, and hamnd's umask makes files for root only.
    await chmod(right, 0o644);
  }
  await rm(wrong, { force: true });
  return done;
}

async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EXDEV' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

const inWords = (
  { onPrimary, elsewhere }: MarkerResource,
  error: unknown,
): Result<never, ResourceFailure> => {
  const folders = [...new Set([dirname(onPrimary), dirname(elsewhere)])].join(' or ');
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fail(
        'unusable',
        `There is no directory ${folders} for ${onPrimary} and ${elsewhere}. Create it.`,
      );
    case 'EROFS':
      return fail('unusable', `${folders} lies on a file system that hamnd can only read.`);
    case 'EISDIR':
    case 'ERR_FS_EISDIR':
      return fail('unusable', `${onPrimary} or ${elsewhere} is a directory; a file is wanted. Remove it.`);
    default:
      return fail('failed', `${onPrimary} and ${elsewhere} could not be changed: ${messageOf(error)}.`);
  }
};

const tried = (what: MarkerResource, act: () => Promise<Outcome>): Promise<Outcome> =>
  act().catch((error: unknown) => inWords(what, error));

/** Running is the file of all nodes but the primary; promoted is the primary's. */
export const markerKind = (): KindAdapter => {
  const asStandby = ({ what }: { readonly what: MarkerResource }): Promise<Outcome> =>
    tried(what, () => leave(what.elsewhere, what.onPrimary, always));
  return onlyKind('marker', {
    look: async ({ what }) => ok(await stateOf(what)),
    // What is to be the primary's is put right by the promotion, in one step: it never looks like another node in between.
    start: async (call) => (call.role === 'primary' ? done : asStandby(call)),
    promote: ({ what }, permit) => tried(what, () => leave(what.onPrimary, what.elsewhere, permit)),
    demote: asStandby,
    // A node without either file is no node of xCAT's: there is nothing to be taken away.
    stop: async () => done,
    kill: async () => done,
  });
};
