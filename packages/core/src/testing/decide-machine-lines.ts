import { instant } from '../brands.ts';
import type { ServiceSettings } from '../settings.ts';
import { makeService, makeUnit } from './decide-parts.ts';
import type { World } from './decide-world.ts';
import { listOf, numberOf, toNumber, type Words, wordAt } from './words.ts';

type Line = (world: World, words: Words) => void;

/** `service NAME [after=a,b] [restarts=2] [onFailure=failover]`; its unit is NAME.service, inactive when it is new. */
const serviceLine: Line = (world, words) => {
  const name = wordAt(words, 1);
  const known = world.services.find((service) => service.name === name);
  const service = known ?? makeService(name);
  if (known === undefined) {
    world.services.push(service);
    world.units.set(service.unit, makeUnit(service.unit, 'inactive'));
    const key = `unit.own ${service.unit}`;
    const at = instant(1);
    world.finished.set(key, { key, begunAt: at, at, ok: true, code: 'owned', message: '', data: {} });
  }
  service.after = listOf(words.named.get('after') ?? service.after.join());
  service.restarts = numberOf(words, 'restarts', service.restarts);
  service.onFailure = (words.named.get('onFailure') ?? service.onFailure) as ServiceSettings['onFailure'];
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

const lines: Readonly<Record<string, Line>> = {
  service: serviceLine,
  unit: (world, words) => {
    const unit = wordAt(words, 1);
    const state = wordAt(words, 2) as 'active';
    world.units.set(unit, {
      ...makeUnit(unit, state),
      loaded: !words.plain.includes('unloaded'),
      enabled: words.plain.includes('enabled'),
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
