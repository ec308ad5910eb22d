import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { largeRuns, smallRuns } from './runs.ts';

const folder = new URL('../../docs/model/', import.meta.url);
const model = readdirSync(folder)
  .filter((name) => name.endsWith('.pml'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n');
const runs = [...smallRuns, ...largeRuns];
const asked = new Set(runs.flatMap((run) => run.defines.map((define) => define.replace(/=.*/, ''))));
/** The macros that switch something on, as the model asks for them. */
const known = new Set(
  [...model.matchAll(/^#(?:ifdef|ifndef|if|elif)\s+(.*)$/gm)]
    .flatMap(([, condition = '']) => [...condition.matchAll(/\b[A-Z][A-Z_]*\b/g)])
    .map(([name]) => name),
);

describe('the runs of the model', () => {
  it('have names of their own', () => {
    expect(new Set(runs.map((run) => run.name)).size).toBe(runs.length);
  });

  it('switch on only what the model knows: a slip would leave a part unexplored', () => {
    expect([...asked].filter((name) => !known.has(name))).toEqual([]);
  });

  it('leave out nothing that the model can do', () => {
    expect([...known].filter((name) => !asked.has(name))).toEqual([]);
  });

  it('reach each thing that the model can tell', () => {
    const told = [...model.matchAll(/\breached\(([A-Z_]+)\)/g)].map(([, what]) => what);
    const wanted = runs.flatMap((run) => run.defines).filter((define) => define.startsWith('REACH='));
    expect(new Set(wanted.map((define) => define.slice('REACH='.length)))).toEqual(new Set(told));
  });
});
