import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CommandResult, RunCommand } from '../../run-command.ts';
import { type DiskPatient, diskPatient } from '../patient.ts';

/** A machine as a directory of files, with programs that answer what the test says. It goes with the test. */
export function tree(
  files: Readonly<Record<string, string>>,
  programs: Readonly<Record<string, string | Partial<CommandResult>>> = {},
): DiskPatient {
  const root = mkdtempSync(join(tmpdir(), 'hamn-disks-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const run: RunCommand = async (program, args) => {
    const answer = programs[[program, ...args].join(' ')];
    const given = typeof answer === 'string' ? { code: 0, stdout: answer } : answer;
    return { code: undefined, stdout: '', stderr: '', ...given };
  };
  return diskPatient(root, run);
}
