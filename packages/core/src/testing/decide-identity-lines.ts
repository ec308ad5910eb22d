import type { World } from './decide-world.ts';
import { type Words, wordAt } from './words.ts';

/** The lines that say which machine this is; false for any other. */
export function identityLine(world: World, words: Words): boolean {
  switch (wordAt(words, 0)) {
    // `local managed|new [group=a] [machine="its MAC differs"] [elsewhere]`
    case 'local':
      world.isManaged = wordAt(words, 1) === 'managed';
      world.identity = words.named.get('group');
      world.otherMachine = words.named.get('machine');
      world.addressHere = !words.plain.includes('elsewhere');
      return true;
    // `identity a`: of the group in etcd.
    case 'identity':
      world.groupIdentity = wordAt(words, 1);
      return true;
    default:
      return false;
  }
}
