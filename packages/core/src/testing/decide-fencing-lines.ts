import { instant, type NodeId, nodeId } from '../brands.ts';
import type { FencingValue } from '../group/fencing-value.ts';
import type { LeaderValue } from '../group/values.ts';
import type { FencingSettings } from '../settings.ts';
import type { World } from './decide-world.ts';
import { nodesOf } from './term-lines.ts';
import { numberOf, toNumber, type Words, wordAt } from './words.ts';

const fencedNode = (node: NodeId): FencingSettings['nodes'][number] => ({
  node,
  action: 'reboot',
  delayMs: 0,
  levels: [[{ device: 'bmc', plug: undefined }]],
});

/** The lines that concern fencing; false for any other. */
export function fencingLine(world: World, words: Words): boolean {
  switch (wordAt(words, 0)) {
    // `fencing automatic|required|manual after=1500 nodes=mn1,mn2`
    case 'fencing':
      world.fencing = {
        mode: wordAt(words, 1) as FencingSettings['mode'],
        afterMs: numberOf(words, 'after', 2250),
        checkEveryMs: 300_000,
        devices: [{ name: 'bmc', agent: 'fence_bmc', options: {}, timeoutMs: 5000, retries: 0 }],
        nodes: nodesOf(words.named.get('nodes') ?? 'mn1,mn2').map(fencedNode),
      };
      return true;
    // `fence mn1 begun|confirmed|failed token=10 by=mn3`
    case 'fence': {
      const target = nodeId(wordAt(words, 1));
      world.fences.set(target, {
        target,
        token: numberOf(words, 'token', 10),
        leaderNonce: 'n' as LeaderValue['nonce'],
        stage: wordAt(words, 2) as FencingValue['stage'],
        by: nodeId(words.named.get('by') ?? 'mn3'),
        message: 'bmc says off.',
        atWallMs: 0,
      });
      return true;
    }
    // `promised 101000`: until when this node's promise binds it.
    case 'promised':
      world.promisedUntil = instant(toNumber(wordAt(words, 1), words.line));
      return true;
    default:
      return false;
  }
}
