import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const gate = join(import.meta.dirname, 'pg-gate');
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pg-gate-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const uptimeSeconds = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);

function run(termDeadline: string | undefined): { readonly code: number | null; readonly text: string } {
  const file = join(directory, 'term-deadline');
  if (termDeadline !== undefined) writeFileSync(file, termDeadline);
  const result = spawnSync('sh', [gate, directory], {
    env: { ...process.env, HAMN_TERM_DEADLINE: file },
    encoding: 'utf8',
    timeout: 5000,
  });
  return { code: result.status, text: result.stdout };
}

describe('pg-gate', () => {
  it('lets a standby start without a term', () => {
    writeFileSync(join(directory, 'standby.signal'), '');
    expect(run(undefined).code).toBe(0);
  });

  it('lets the primary start before its deadline', () => {
    expect(run(`${(uptimeSeconds() + 60).toFixed(3)} 42\n`).code).toBe(0);
    expect(run(`${Math.ceil(uptimeSeconds() + 60)} 42\n`).code).toBe(0);
  });

  it('works without a line end', () => {
    expect(run(`${(uptimeSeconds() + 60).toFixed(1)} 42`).code).toBe(0);
  });

  it('refuses after the deadline, and says when it was', () => {
    const deadline = (uptimeSeconds() - 0.05).toFixed(3);
    const { code, text } = run(`${deadline} 42\n`);
    expect(code).toBe(1);
    expect(text).toContain(`its deadline was ${deadline} s`);
    expect(text).toContain('term 42');
  });

  it('compares times of a different number of digits by their size', () => {
    expect(run('9.999 42\n').code).toBe(uptimeSeconds() < 9 ? 0 : 1);
    expect(run('00099999999.5 42\n').code).toBe(0);
  });

  it.each([
    '',
    '\n',
    'soon 42\n',
    '12,5 42\n',
    '-5 42\n',
    '.5 42\n',
    '99999999\n',
    '99999999999999999999 1\n',
  ])('refuses what it cannot read: %j', (text) => {
    expect(run(text).code).toBe(1);
  });

  it('refuses without a term, and names the remedy', () => {
    const { code, text } = run(undefined);
    expect(code).toBe(1);
    expect(text).toContain('does not hold the term');
    expect(text).toContain('systemctl start hamnd');
  });
});
