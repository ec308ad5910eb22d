import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { revision } from '../brands.ts';
import { fencingSchema } from './fencing-value.ts';
import { type GroupKey, groupKeyNames } from './keys.ts';
import * as values from './values.ts';
import { readEntry, readGroup } from './view.ts';

/** What etcd's keys may hold after a broken, older, newer or hostile writer. */
const keys: readonly GroupKey[] = [
  ...groupKeyNames,
  'maintenance/mn1',
  'members/mn1',
  'members/__proto__',
  'members/',
  'fencing/mn2',
  'claim/mn1',
];

const good: Readonly<Record<string, unknown>> = {
  leader: { kind: 'held', holder: 'mn1', nonce: 'n', termMs: 3000 },
  heartbeat: { holder: 'mn1', nonce: 'n', sequence: 3, lsn: '0/3000060' },
  state: {
    electorate: ['mn1', 'mn2'],
    synchronous: ['mn1'],
    promotions: [{ token: 7, node: 'mn1', timeline: 2, switchLsn: '0/3000060' }],
    systemId: '7',
  },
  request: {
    id: 'r',
    kind: 'switchover',
    token: 7,
    to: 'mn2',
    by: 'root on mn1',
    madeWallMs: 1,
    expiresWallMs: 2,
  },
  'members/mn1': {
    node: 'mn1',
    version: '0.1.0',
    address: '10.1.0.1',
    role: 'primary',
    doing: 'It leads.',
    healthy: true,
    problems: [],
    postgres: { state: 'primary', lsn: '0/3000060' },
    rules: [{ rule: 'r', band: 'role', because: 'b' }],
  },
};

/** A good value of which one field, at any depth, was exchanged for anything. */
const spoiled = fc
  .tuple(fc.constantFrom(...Object.values(good)), fc.nat(), fc.jsonValue())
  .map(([value, at, other]) => {
    let left = at % 11;
    return JSON.stringify(value, (key, inner: unknown) => {
      if (key === '' && left === at % 11) return inner;
      left -= 1;
      return left === -1 ? other : inner;
    });
  });
const deep = fc
  .tuple(fc.nat(60_000), fc.constantFrom(['[', ']'], ['{"a":', '}'], ['{"problems":[', ']}']))
  .map(([depth, [open = '', close = '']]) => `${open.repeat(depth)}1${close.repeat(depth)}`);
const deepInside = deep.map((text) => JSON.stringify(good['members/mn1']).replace('{', `{"more":${text},`));
const text = fc.oneof(fc.string(), fc.json(), spoiled, deep, deepInside, fc.string({ size: 'xlarge' }));

const schemas = Object.values({ ...values, fencingSchema }).filter(
  (value): value is typeof values.leaderSchema => typeof value === 'object' && 'safeParse' in value,
);

describe('the keys of a group, whatever they hold', () => {
  it('are read or called unreadable, with the key in a short reason', () => {
    const entry = fc.tuple(fc.constantFrom(...keys), text);
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (found) => {
        const entries = new Map(found.map(([key, value]) => [key, { value, mod: revision(1) }]));
        const view = readGroup({ revision: revision(1), clusterId: 'c', entries });
        const read = [
          view.leader,
          view.state,
          view.request,
          ...view.members.values(),
          ...view.fencing.values(),
        ];
        for (const one of read) {
          if (one.kind !== 'unreadable') continue;
          expect(one.reason).toMatch(/^The key (leader|state|request|members\/|fencing\/)/);
          expect(one.reason.length).toBeLessThan(400);
        }
        // What was accepted can be told to others again: nothing in it is without bound.
        expect(JSON.stringify([...view.members]).length).toBeLessThan(1_000_000);
      }),
    );
  });

  it('are judged by every schema without an exception', () => {
    expect(schemas.length).toBeGreaterThan(9);
    fc.assert(
      fc.property(fc.constantFrom(...schemas), text, (schema, value) => {
        JSON.stringify(readEntry({ value, mod: revision(1) }, schema, 'k'));
      }),
    );
  });

  it('of a megabyte are not even parsed', () => {
    const value = JSON.stringify({
      ...(good['members/mn1'] as object),
      problems: [`${'x'.repeat(1 << 20)}`],
    });
    expect(readEntry({ value, mod: revision(1) }, values.memberSchema, 'members/mn1')).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringMatching(
        /^The key members\/mn1 holds 1048\d{3} characters; more than 65536 are not read\.$/,
      ),
    });
  });
});
