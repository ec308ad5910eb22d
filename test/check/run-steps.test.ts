import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runSteps } from './run-steps.ts';
import type { Step } from './step.ts';

const shell = (name: string, script: string, more: Partial<Step> = {}): Step => ({
  name,
  argv: ['sh', '-c', script],
  limitMs: 5000,
  ...more,
});
const run = (steps: readonly Step[]) => runSteps(steps, { atOnce: 2, untilMs: performance.now() + 10_000 });
/** proc(5): the letter after the name. A container's first process may never collect a dead child: that is `Z`. */
function stateOf(pid: number): string {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? (/\) (\w)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '?') : 'gone';
}

let lines: string[] = [];

beforeEach(() => {
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

describe('running steps', () => {
  it('waits for what a step names, well or not', async () => {
    const outcomes = await run([
      shell('last', 'true', { after: ['first', 'second'] }),
      shell('first', 'sleep 0.2'),
      shell('second', 'false'),
    ]);
    expect(outcomes.map((outcome) => outcome.step.name)).toEqual(['second', 'first', 'last']);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([false, true, true]);
  });

  it('prints one line for what went well and all the output of what did not', async () => {
    await run([
      shell('good', 'echo quiet'),
      shell('bad', 'echo loud; echo louder >&2; exit 3', { after: ['good'] }),
    ]);
    const text = lines.join('\n');
    expect(text).toMatch(/^ok {4}good +0\.\d s\nFAIL {2}bad +0\.\d s {2}it ended with exit code 3: sh -c /);
    expect(text).not.toContain('quiet');
    expect(text).toContain('loud\nlouder\n----  end of bad');
  });

  it('ends a step at its limit, with everything that it started', async () => {
    const [outcome] = await run([shell('slow', 'sleep 77.25 & echo $!; wait', { limitMs: 300 })]);
    expect(outcome?.reason).toBe('it was ended at its limit of 0.3 s');
    const pid = Number(outcome?.output.trim());
    expect(pid).toBeGreaterThan(0);
    await vi.waitFor(() => expect(stateOf(pid)).toMatch(/^(gone|Z)$/));
  });

  it('fails a step whose output is not what it must be', async () => {
    const judge = (stdout: string): string | undefined => (stdout === 'x\n' ? 'it says x' : undefined);
    const [outcome] = await run([shell('judged', 'echo x', { judge })]);
    expect(outcome).toMatchObject({ ok: false, reason: 'it says x', count: { passed: 0, failed: 1 } });
  });

  it('says when a program is not there', async () => {
    const [outcome] = await run([{ name: 'none', argv: ['no-such-program'], limitMs: 1000 }]);
    expect(outcome?.reason).toContain('it could not be run');
  });
});
