import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { done, fail, ok, type ResourceLook, type Result, type TemplateResource } from '@hamn/core';
import { always, type Permit, type ResourceCall, type ResourceFailure, termOver } from '@hamn/engine';
import { type KindAdapter, type KindCall, onlyKind } from '../kind-adapter.ts';
import type { ResourcesOptions } from '../options.ts';
import { codeOf, messageOf } from '../programs/errors.ts';
import { endingUnit, programUnits } from '../programs/program-units.ts';
import { type Programs, unusable } from '../programs/programs.ts';
import { words } from '../programs/run-in-unit.ts';
import { render } from '../template-text.ts';

type Call = KindCall<TemplateResource>;
type Role = Exclude<ResourceCall['role'], 'none'>;
type Outcome = Promise<Result<undefined, ResourceFailure>>;

const usualMode = 0o644;
/** As for any file that root reads whole. */
const mostBytes = 4 * 1024 * 1024;

/**
 * Running is the file as all nodes but the primary have it; promoted is the primary's. A file that somebody else changed is neither, and is made anew.
 * Whoever reads it is told when it has changed, and again until that worked: what was told last is remembered until the next boot.
 */
export function templateKind(options: ResourcesOptions, programs: Programs): KindAdapter {
  const directory = options.directory ?? '/run/hamn/resources';
  const toldFile = ({ settings }: Call): string => join(directory, `${settings.name}.told`);

  const textFor = async ({ what }: Call, role: Role): Promise<Result<string, ResourceFailure>> => {
    const template = await read(what.template);
    if (template === undefined)
      return fail('unusable', `There is no template ${what.template} on this node. Put it there.`);
    const values = { ...what.values, ...what.valuesOf[options.node] };
    const made = render(template, { values, node: options.node, group: options.group, role });
    if (made.ok) return made;
    return fail('unusable', `${what.template} cannot be used on ${options.node}: ${made.error.message}`);
  };

  const isTold = async (call: Call, text: string): Promise<boolean> =>
    call.what.changed === undefined || (await read(toldFile(call))) === digestOf(text);

  const look = async (call: Call): Promise<Result<ResourceLook, ResourceFailure>> => {
    const [primary, standby] = [await textFor(call, 'primary'), await textFor(call, 'standby')];
    if (!primary.ok) return primary;
    if (!standby.ok) return standby;
    const present = await read(call.what.file);
    const seen = (level: ResourceLook['level'], reason?: string): Result<ResourceLook, never> =>
      ok({ level, sure: true, reason });
    if (present === undefined) return seen('stopped', `${call.what.file} is not there.`);
    const isBoth = primary.value === standby.value;
    const isPrimarys = present === primary.value && (!isBoth || call.role === 'primary');
    if (!isPrimarys && present !== standby.value)
      return seen('stopped', `${call.what.file} is not what ${call.what.template} gives.`);
    if (await isTold(call, present)) return seen(isPrimarys ? 'promoted' : 'running');
    // The promotion, the demotion or the start tells of it.
    if (call.role === 'primary') return seen('running');
    if (isPrimarys) return seen('promoted');
    return seen('stopped', `${call.what.changed?.[0]} has not told of the present ${call.what.file} yet.`);
  };

  const tell = async (call: Call, role: Role, text: string, permit: Permit): Outcome => {
    const { changed } = call.what;
    if (changed === undefined) return done;
    const [program, ...rest] = changed;
    const cannot = unusable(changed);
    if (program === undefined || cannot !== undefined) return cannot ?? done;
    const [own] = programUnits(options.group, call.settings);
    const act = role === 'primary' ? 'promote' : 'demote';
    const unit = role === 'primary' ? own : endingUnit(options.group, call.settings, act);
    const ran = await programs.inUnit(call, { unit, act, command: [program, ...rest] }, permit);
    if (!ran.ok) return ran;
    const { code, output } = ran.value;
    if (code !== 0) return fail('failed', `${program} ended with exit code ${code}.${words(output)}`);
    await mkdir(directory, { recursive: true });
    await writeFile(toldFile(call), digestOf(text));
    return done;
  };

  const make = async (call: Call, role: Role, permit: Permit): Outcome => {
    const text = await textFor(call, role);
    if (!text.ok) return text;
    const { file } = call.what;
    try {
      if ((await read(file)) !== text.value) {
        // Whoever was told last may have read what stands there now.
        await rm(toldFile(call), { force: true });
        if (!(await replace(file, text.value, permit))) return termOver(`${file} was made`);
      }
      return (await isTold(call, text.value)) ? done : await tell(call, role, text.value, permit);
    } catch (error) {
      return inWords(file, error);
    }
  };

  return onlyKind('template', {
    look: (call) => look(call).catch((error: unknown) => inWords(call.what.file, error)),
    // What is to be the primary's is put right by the promotion, in one step: it never looks like another node's in between.
    start: async (call) => (call.role === 'primary' ? done : make(call, 'standby', always)),
    promote: (call, permit) => make(call, 'primary', permit),
    demote: (call) => make(call, 'standby', always),
    // What other nodes have is no harm, and a service without its file is.
    stop: async () => done,
    kill: async () => done,
  });
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Undefined where there is none. @throws what the system says, and an Error for one that is too large */
async function read(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw new Error(`${path} has ${size} bytes; at most ${mostBytes} are read`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole, with the owner and mode that it had; through a link, so that the link stays. False: not permitted at the very instant, and nothing is changed. */
async function replace(path: string, text: string, permitted: Permit): Promise<boolean> {
  const real = await realpath(path).catch(() => path);
  const before = await stat(real).catch(() => undefined);
  const beside = join(dirname(real), `.${basename(real)}.hamn-new`);
  await writeFile(beside, text, { mode: 0o600 });
  if (before !== undefined) await chown(beside, before.uid, before.gid);
  await chmod(beside, (before?.mode ?? usualMode) & 0o7777);
  if (!permitted()) {
    await rm(beside, { force: true });
    return false;
  }
  renameSync(beside, real);
  return true;
}

function inWords(path: string, error: unknown): Result<never, ResourceFailure> {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fail('unusable', `There is no directory ${dirname(path)} for ${path}. Create it.`);
    case 'EROFS':
      return fail('unusable', `${path} lies on a file system that hamnd can only read.`);
    case 'EISDIR':
      return fail('unusable', `${path} is a directory; a file is wanted. Remove it.`);
    default:
      return fail('failed', `${path} could not be made: ${messageOf(error)}.`);
  }
}
