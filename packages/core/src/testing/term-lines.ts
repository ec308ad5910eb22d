import { type NodeId, type Nonce, nodeId, nonce } from '../brands.ts';
import type { FencingValue } from '../group/fencing-value.ts';
import { fencingKey, type GroupKey } from '../group/keys.ts';
import type { LeaderValue, StateValue } from '../group/values.ts';
import { encodeHeartbeat, encodeLeader, encodeState } from '../term/txn.ts';
import { listOf, numberOf, readWords, unknownWord, type Words, wordAt } from './words.ts';

/** What other nodes (or an admin) write into etcd, a line for each key. */

export const nodesOf = (text: string): readonly NodeId[] => listOf(text).map(nodeId);

const nonceOf = (words: Words): Nonce => nonce(words.named.get('nonce') ?? 'a');

function leaderValue(words: Words): LeaderValue {
  const termMs = numberOf(words, 'T', 3000);
  const who = nodeId(wordAt(words, 2));
  if (words.plain[1] === 'held') return { kind: 'held', holder: who, nonce: nonceOf(words), termMs };
  if (words.plain[1] !== 'released') return unknownWord(words);
  const to = nodeId(words.named.get('to') ?? who);
  return { kind: 'released', by: who, to, nonce: nonceOf(words), termMs };
}

/** `electorate=mn1,mn2 synchronous=mn1`; who is not named in the second is not in it. */
export function stateValue(words: Words): StateValue {
  return {
    electorate: nodesOf(words.named.get('electorate') ?? '-'),
    synchronous: nodesOf(words.named.get('synchronous') ?? '-'),
    promotions: [],
  };
}

/** `leader held mn1 nonce=a T=3000`, `leader released mn1 to=mn2`, `heartbeat mn1 seq=3`, `state electorate=…`, or `KEY raw "text"`. */
export function etcdLine(line: string): readonly [GroupKey, string] {
  const words = readWords(line);
  const key = wordAt(words, 0);
  if (words.plain[1] === 'raw') return [key as GroupKey, wordAt(words, 2)];
  switch (key) {
    case 'leader':
      return ['leader', encodeLeader(leaderValue(words))];
    case 'heartbeat': {
      const holder = nodeId(wordAt(words, 1));
      return [
        'heartbeat',
        encodeHeartbeat({ holder, nonce: nonceOf(words), sequence: numberOf(words, 'seq', 0) }),
      ];
    }
    // `fencing/mn1 confirmed token=4 nonce=a by=mn2 [hand=root]`
    case `fencing/${key.slice('fencing/'.length)}`: {
      const target = nodeId(key.slice('fencing/'.length));
      const hand = words.named.get('hand');
      const value: FencingValue = {
        target,
        token: numberOf(words, 'token', 0),
        leaderNonce: nonceOf(words),
        stage: wordAt(words, 1) as FencingValue['stage'],
        by: nodeId(words.named.get('by') ?? 'mn2'),
        ...(hand === undefined ? {} : { byHand: hand }),
        message: 'bmc says off.',
        atWallMs: 0,
      };
      return [fencingKey(target), JSON.stringify(value)];
    }
    case 'state':
      return ['state', encodeState(stateValue(words))];
    default:
      return unknownWord(words);
  }
}
