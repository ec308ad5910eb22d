import { nodeId } from '../brands.ts';
import type { World } from './decide-world.ts';
import { numberOf, toNumber, type Words, wordAt } from './words.ts';

/** The lines about what an admin asked for by the clock. False for any other. `wall` begins at 1000000 ms. */
export function verbLine(world: World, words: Words): boolean {
  switch (wordAt(words, 0)) {
    case 'wall':
      world.wallMs = toNumber(wordAt(words, 1), words.line);
      return true;
    // `schedule at=1000000 [to=mn2] [token=10]`, `schedule none`
    case 'schedule': {
      const to = words.named.get('to');
      world.schedule =
        words.plain[1] === 'none'
          ? undefined
          : {
              id: 's1',
              token: numberOf(words, 'token', 10),
              ...(to === undefined ? {} : { to: nodeId(to) }),
              by: 'root',
              madeWallMs: 0,
              atWallMs: numberOf(words, 'at', 0),
            };
      return true;
    }
    // `maintenance mn2 until=2000000 [reason="…"]`, `maintenance mn2 off`
    case 'maintenance': {
      const node = nodeId(wordAt(words, 1));
      world.maintenance = world.maintenance.filter((value) => value.node !== node);
      if (words.plain[2] === 'off') return true;
      const untilWallMs = numberOf(words, 'until', 2_000_000);
      const reason = words.named.get('reason') ?? '';
      world.maintenance.push({ node, by: 'root', reason, sinceWallMs: 0, untilWallMs });
      return true;
    }
    default:
      return false;
  }
}
