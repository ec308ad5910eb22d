import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ServiceNodesRules, serviceNodesPlants } from '../testing/service-nodes-rules.ts';
import { ServiceNodesWalk, serviceNodesWalkKinds } from '../testing/service-nodes-walk.ts';
import { awayNodes, withoutOld } from './keep-records.ts';
import { type MoveRecord, noRecords, readRecords, recordsText } from './records.ts';
import { clientNodeId, serviceNodeId } from './settings.ts';

const often = ['round', 'round', 'round', 'look', 'failback', 'end'] as const;
const step = fc.record({
  // Trouble is rare enough for a soak to pass now and then.
  kind: fc.constantFrom(...serviceNodesWalkKinds, ...often, ...often, ...often, ...often),
  pick: fc.nat(1000),
});
const steps = fc.array(step, { minLength: 80, maxLength: 300 });

/** The walk of a seed, as far as its first complaint. */
function walked(seed: number, rules?: Partial<ServiceNodesRules>): ServiceNodesWalk {
  const walk = new ServiceNodesWalk(rules);
  const [some = []] = fc.sample(steps, { seed, numRuns: 1 });
  for (const one of some) {
    walk.step(one);
    if (walk.broken.length > 0) return walk;
  }
  walk.finish();
  return walk;
}

describe('service nodes, whatever happens in whatever order', () => {
  it('move when they may, once at a time, never without a record, and what was where is never lost', () => {
    let [moves, failbacks] = [0, 0];
    for (let seed = 1; seed <= 80; seed += 1) {
      const walk = walked(seed);
      moves += walk.moves;
      failbacks += walk.failbacks;
      expect(walk.broken, `seed ${seed}`).toEqual([]);
    }
    // A walk that moves nothing proves nothing.
    expect(moves).toBeGreaterThan(100);
    expect(failbacks).toBeGreaterThan(4);
  }, 300_000);

  for (const { name, rules, found } of serviceNodesPlants)
    it(`finds the planted bug: ${name}`, () => {
      let complaint = '';
      for (let seed = 1; seed <= 100 && complaint === ''; seed += 1)
        complaint = walked(seed, rules).broken.join('\n');
      expect(complaint).toMatch(found);
    }, 300_000);
});

const record = fc
  .record({
    from: fc.constantFrom('a', 'b', 'c'),
    to: fc.constantFrom('a', 'b', 'c'),
    nodes: fc.uniqueArray(fc.constantFrom('n1', 'n2', 'n3', 'n4'), { minLength: 1 }),
    isFailback: fc.boolean(),
    endedWallMs: fc.nat(100),
  })
  .filter(({ from, to }) => from !== to);

describe('the records', () => {
  it('keep every home, however many old ones are dropped', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), fc.nat(100), (raw, wallMs) => {
        const moves = raw.map(
          ({ from, to, nodes, isFailback, endedWallMs }, at): MoveRecord => ({
            id: `1.${at}`,
            token: 1,
            kind: isFailback ? 'failback' : 'move',
            from: serviceNodeId(from),
            to: serviceNodeId(to),
            was: [{ servicenode: [serviceNodeId(from)], xcatmaster: '', nodes: nodes.map(clientNodeId) }],
            stage: 'ended',
            left: [],
            message: '',
            begunWallMs: 0,
            endedWallMs,
          }),
        );
        const value = { ...noRecords, moves };
        expect(awayNodes(withoutOld(value, 50, wallMs))).toEqual(awayNodes(value));
      }),
    );
  });

  it('are read whatever the key holds, and what cannot be read is kept', () => {
    const moves = fc.array(fc.oneof(fc.jsonValue(), fc.constant({ id: 'x', stage: 'begun', was: [] })));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), moves, (text, broken) => {
        readRecords(text);
        const read = readRecords(JSON.stringify({ version: 1, moves: broken }));
        expect(read.ok && read.value.damaged.length).toBe(broken.length);
        if (read.ok) expect(readRecords(recordsText(read.value))).toEqual(read);
      }),
    );
  });

  it('that were cut in the middle stop every move, and say what to do', () => {
    const read = readRecords('{"version":1,"moves":[{"id":"1.1"');
    expect(read.ok ? '' : read.error.message).toMatch(
      /^The key serviceNodes does not hold records .* etcdctl/,
    );
  });
});
