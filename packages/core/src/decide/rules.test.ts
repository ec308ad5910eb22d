import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScript } from '../testing/datadriven.ts';
import { rules } from './decide.ts';

const folder = new URL('../../testdata/decide/', import.meta.url);
const outputs = readdirSync(folder).flatMap((name) =>
  parseScript(readFileSync(new URL(name, folder), 'utf8')).blocks.map((block) => block.output),
);

describe('the rule table', () => {
  it('has each id once', () => {
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  });

  it('tries the bands in their order', () => {
    const bands = rules.map((rule) => rule.band);
    expect([...bands].sort((a, b) => order.indexOf(a) - order.indexOf(b))).toEqual(bands);
  });

  it('says of each rule in one sentence what it is for', () => {
    for (const rule of rules) expect(rule.because).toMatch(/^\S.*\.$/);
  });

  for (const rule of rules) {
    it(`has scenarios in which ${rule.id} applies, and in which it does not`, () => {
      const applies = outputs.filter((output) =>
        output.some((line) => line.startsWith(`${rule.band} ${rule.id}: `)),
      );
      expect(applies.length).toBeGreaterThan(0);
      expect(applies.length).toBeLessThan(outputs.length);
    });
  }
});

const order = ['safety', 'role', 'upkeep'];
