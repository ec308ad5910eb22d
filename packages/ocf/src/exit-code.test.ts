import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { agentState, exitMeaning, exitMeanings } from './exit-code.ts';

describe('exit codes', () => {
  it.each([
    [0, 'running'],
    [1, 'failed'],
    [5, 'failed'],
    [6, 'failed'],
    [7, 'stopped'],
    [8, 'promoted'],
    [9, 'failed-promoted'],
    [190, 'degraded'],
    [191, 'degraded-promoted'],
    [10, 'failed'],
    [137, 'failed'],
  ] as const)('a monitor that ends with %i saw: %s', (code, state) => {
    expect(agentState(code)).toBe(state);
  });

  it('have a name and a meaning each, an unknown one, too', () => {
    expect(exitMeaning(77)).toMatchObject({ code: 77, severity: 'soft', state: 'failed' });
    for (const { name, meaning } of exitMeanings()) {
      expect(name).toMatch(/^OCF_/);
      expect(meaning).not.toBe('');
    }
  });

  it('are those of the installed agents', () => {
    const text = readFileSync('/usr/lib/ocf/lib/heartbeat/ocf-returncodes', 'utf8');
    // The old word, which Debian 12 still has.
    const found = [...text.matchAll(/^(OCF_\w+)=(\d+)$/gm)].map(([, name = '', code]) => [
      name.replace('MASTER', 'PROMOTED'),
      Number(code),
    ]);
    expect(found).toHaveLength(10);
    for (const [name, code] of found) expect(exitMeaning(Number(code)).name).toBe(name);
  });

  it('are all in the page for admins', () => {
    const page = readFileSync(new URL('../../../docs/ocf.md', import.meta.url), 'utf8');
    for (const { code, meaning } of exitMeanings())
      expect(page).toMatch(new RegExp(`\\| ${code} \\|.*${meaning}`));
  });
});
