import { instant } from '../brands.ts';
import { known, unknown } from '../reading.ts';
import { freshResource } from '../resources/memory.ts';
import type { CopyState, ResourceAct, ResourceFinish, ResourceLook } from '../resources/states.ts';
import { makeUnit } from './decide-parts.ts';
import type { World } from './decide-world.ts';
import { resourceOf } from './resource-lines.ts';
import { listOf, toNumber, type Words, wordAt } from './words.ts';

type Line = (world: World, words: Words) => void;

/** `resource NAME KIND ...`, as in `resourceOf`; the unit of one of kind unit is NAME.service, inactive when it is new. The same name once more changes it. */
const resourceLine: Line = (world, words) => {
  const made = resourceOf(words.line.replace(/^\s*resource\s+/, ''));
  const at = world.resources.findIndex(({ name }) => name === made.name);
  if (at >= 0) world.resources[at] = made;
  else world.resources.push(made);
  if (made.what.kind !== 'unit' || world.units.has(made.what.unit)) return;
  world.units.set(made.what.unit, makeUnit(made.what.unit, 'inactive'));
  const key = `unit.own ${made.what.unit}`;
  const then = instant(1);
  world.finished.set(key, { key, begunAt: then, at: then, ok: true, code: 'owned', message: '', data: {} });
};

/** `seen NAME running|stopped|failed|promoted|unknown [copy=parted] [reason=TEXT] [doing=start] [ended=stop] [code=timeout]`: what a look found just now, what is under way, what has ended. */
const seenLine: Line = (world, words) => {
  const level = wordAt(words, 2);
  const doing = words.named.get('doing') as ResourceAct | undefined;
  const ended = words.named.get('ended') as ResourceFinish['act'] | undefined;
  const code = words.named.get('code');
  const message = code === undefined ? undefined : `Its ${ended ?? 'act'} failed (${code}).`;
  const at = world.now;
  world.seenResources.set(wordAt(words, 1), {
    look: {
      at,
      found:
        level === 'unknown'
          ? unknown('The look did not end in time.')
          : known({
              level: level as ResourceLook['level'],
              sure: words.plain.includes('sure'),
              reason: words.named.get('reason'),
              copy: words.named.get('copy') as CopyState | undefined,
            }),
    },
    inFlight: doing === undefined ? undefined : { act: doing, since: at },
    finished: ended === undefined ? undefined : { act: ended, at, ok: code === undefined, code, message },
  });
};

/** `vip present|announced|absent|unknown [duplicate=MAC]` */
const vipLine: Line = (world, words) => {
  const word = wordAt(words, 1);
  if (word === 'unknown') {
    world.vips = undefined;
    return;
  }
  world.vips = world.vipAddresses.map((address) => ({
    address,
    interface: 'eth0',
    linkUp: true,
    present: word !== 'absent',
    duplicate: words.named.get('duplicate'),
    announcedAt: word === 'announced' ? instant(world.now) : undefined,
  }));
};

/** `failures NAME 98000,98500`: when it failed. */
const failuresLine: Line = (world, words) => {
  const times = listOf(wordAt(words, 2)).map((text) => instant(toNumber(text, words.line)));
  const name = wordAt(words, 1);
  const before = world.memory.resources.get(name) ?? freshResource;
  const failures = { times, reason: 'It stopped by itself.' };
  world.memory = {
    ...world.memory,
    resources: new Map([...world.memory.resources, [name, { ...before, failures }]]),
  };
};

/** `stays NAME 3700000`: until when it does not move the role once more. */
const staysLine: Line = (world, words) => {
  const until = instant(toNumber(wordAt(words, 2), words.line));
  world.memory = { ...world.memory, staysUntil: { ...world.memory.staysUntil, [wordAt(words, 1)]: until } };
};

const lines: Readonly<Record<string, Line>> = {
  resource: resourceLine,
  failures: failuresLine,
  stays: staysLine,
  /** `wish ID cleanup|run [RESOURCE]` */
  wish: (world, words) => {
    world.resourceWish = {
      id: wordAt(words, 1),
      what: wordAt(words, 2) as 'cleanup',
      resource: words.plain[3],
      by: 'an admin',
      atWallMs: 0,
    };
  },
  seen: seenLine,
  /** `unmanaged a,b`: an admin has these in hand. */
  unmanaged: (world, words) => {
    world.unmanaged = [...listOf(wordAt(words, 1))];
  },
  unit: (world, words) => {
    const unit = wordAt(words, 1);
    const state = wordAt(words, 2) as 'active';
    world.units.set(unit, {
      ...makeUnit(unit, state),
      loaded: !words.plain.includes('unloaded'),
      enabled: words.plain.includes('enabled'),
      hasJob: words.plain.includes('job'),
    });
  },
  vip: vipLine,
  vips: (world, words) => {
    world.vipAddresses = [...listOf(wordAt(words, 1))];
  },
  /** `crontab 1`: so many entries of xCAT's monitoring. */
  crontab: (world, words) => {
    world.xcatEntries = toNumber(wordAt(words, 1), words.line);
  },
};

/** The lines for what systemd, the kernel and cron of the node show; false for any other. */
export function machineLine(world: World, words: Words): boolean {
  const known = lines[wordAt(words, 0)];
  known?.(world, words);
  return known !== undefined;
}
