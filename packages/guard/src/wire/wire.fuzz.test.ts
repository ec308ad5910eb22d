import { normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../machine/plan.ts';
import { planOf } from './decode.ts';
import { LineReader, longestLine } from './line-reader.ts';
import { line, readAnswer, readRequest } from './messages.ts';

const plan = { group: 'mn', units: ['a.service'], vips: [], dataDirectory: '/data', mounts: [] };
const words = fc.constantFrom('observe', 'arm', 'extend', 'plan', 'demote', 'acted', 'harmless', 'armed');
/** Objects with the wire's own names, and anything in them. */
const order = fc.record(
  {
    kind: words,
    token: fc.oneof(fc.double(), fc.jsonValue()),
    deadline: fc.oneof(fc.double(), fc.jsonValue()),
    reason: fc.jsonValue(),
    plan: fc.oneof(fc.constant(plan), fc.jsonValue()),
    order: fc.record({ token: fc.jsonValue(), plan: fc.oneof(fc.constant(plan), fc.jsonValue()) }),
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    id: fc.oneof(fc.integer(), fc.jsonValue()),
    order,
    ok: fc.jsonValue(),
    notice: words,
    act: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const deep = fc.nat(60_000).map((depth) => `{"id":1,"order":${'['.repeat(depth)}${']'.repeat(depth)}}`);
const text = fc.oneof(
  fc.string(),
  fc.json(),
  message.map((value) => JSON.stringify(value)),
  deep,
);

describe("lines on the guard's socket, whatever they hold", () => {
  it('are orders that can be carried out, or refused', () => {
    fc.assert(
      fc.property(text, (given) => {
        const request = readRequest(given);
        if (request?.order === undefined) return;
        // What was understood can be said again in the same words.
        expect(readRequest(line({ id: request.id, order: request.order }))).toEqual(request);
      }),
    );
  });

  it('are answers, or nothing', () => {
    fc.assert(fc.property(text, (given) => void readAnswer(given)));
  });

  it('name only what a plan may name', () => {
    const unit = fc.oneof(
      fc.constantFrom('init.scope', 'a.slice', '../x.service', 'a b.service', '-.mount'),
      fc.string(),
    );
    const target = fc.oneof(
      fc.constantFrom('/', '//', '/usr/', '//etc', '/a/../usr', '/usr/.', '/install', 'install'),
      fc.string(),
    );
    const given = fc.record({
      group: fc.string(),
      units: fc.array(unit),
      vips: fc.array(fc.record({ address: fc.string(), prefixLength: fc.double(), interface: fc.string() })),
      dataDirectory: fc.option(fc.string(), { nil: undefined }),
      mounts: fc.option(fc.array(fc.record({ source: fc.string(), target })), { nil: undefined }),
    });
    fc.assert(
      fc.property(given, (value) => {
        const read = planOf(JSON.parse(JSON.stringify(value)));
        if (read === undefined || !checkPlan(read).ok) return;
        for (const one of read.units) expect(one).toMatch(/^[^/\s]+\.[a-z]+$/);
        expect(read.dataDirectory ?? '/').toMatch(/^\//);
        for (const one of read.mounts) {
          expect(normalize(one.target)).toMatch(/^\/./);
          expect(normalize(one.target)).not.toMatch(/^\/(usr|etc|dev|proc|sys|run|boot)\/?$/);
        }
      }),
    );
  });

  it('are the same lines in whatever pieces they come, and never without end', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        const heard: string[] = [];
        const reader = new LineReader((one) => heard.push(one));
        for (const piece of pieces) reader.take(piece);
        expect(heard).toEqual(
          pieces
            .join('')
            .split('\n')
            .slice(0, -1)
            .filter((one) => one !== ''),
        );
      }),
    );
    const reader = new LineReader(() => undefined);
    expect(reader.take('x'.repeat(longestLine))).toBe(true);
    expect(reader.take('x')).toBe(false);
  });
});
