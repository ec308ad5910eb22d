import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import type { Io } from '../../io.ts';
import { broken, type Finding } from './finding.ts';
import { renderFindings } from './render.ts';

/** The findings as a text or a document; the exit code says whether any is worse than well. */
export function report(
  findings: readonly Finding[],
  { all, json }: { readonly all: boolean; readonly json: boolean },
  io: Io,
): ExitCode {
  io.out(
    json
      ? `${JSON.stringify({ schema: 1, findings }, undefined, 2)}\n`
      : `${renderFindings(findings, { all, width: io.columns, color: io.color })}\n`,
  );
  return findings.every((finding) => finding.level === 'ok') ? exitCodes.ok : exitCodes.problems;
}

export const noNodeFile = (path: string, message: string): Finding =>
  broken(
    message,
    'Without it nothing of this node is known.',
    `Correct ${path}; an example is in /usr/share/doc/hamn/examples.`,
  );
