import type { NodeStatus, StatusDocument } from '@hamn/api';
import { didYouMean } from '@hamn/config';
import { copyLeftMs, type MemberCopy } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { copyText } from '../../text/copy.ts';

export interface CloneProgressOptions extends GlobalOptions {
  readonly node: string | undefined;
  readonly watch: boolean;
  readonly json: boolean;
}

const lookEveryMs = 1000;

/** One look, or one a second until no copy is under way any more. */
export function cloneProgress(options: CloneProgressOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  return withSource(options, app, async (source) => {
    let interrupted = false;
    if (options.watch)
      io.onInterrupt(() => {
        interrupted = true;
      });
    for (;;) {
      const status = await source.status();
      if (!status.ok) return complain(app, status.error);
      const unknown = againstNode(status.value, options.node);
      if (unknown !== undefined) {
        io.err(`${unknown}\n`);
        return exitCodes.usage;
      }
      const copies = copiesOf(status.value, options.node);
      io.out(options.json ? `${JSON.stringify(copies.map(forPrograms))}\n` : textOf(copies, options.node));
      if (!options.watch || copies.length === 0 || interrupted) return exitCodes.ok;
      await io.sleep(lookEveryMs);
      if (interrupted) return exitCodes.ok;
    }
  });
}

interface NodeCopy {
  readonly node: NodeStatus;
  readonly copy: MemberCopy;
}

const copiesOf = (status: StatusDocument, name: string | undefined): readonly NodeCopy[] =>
  status.nodes.flatMap((node) => {
    const copy = node.postgres?.copy;
    return copy === undefined || (name !== undefined && node.name !== name) ? [] : [{ node, copy }];
  });

function againstNode(status: StatusDocument, name: string | undefined): string | undefined {
  const names = status.nodes.map((node) => node.name);
  if (name === undefined || names.includes(name)) return undefined;
  return `There is no node ${name}.${didYouMean(name, names)} The nodes are ${names.join(', ')}.`;
}

const forPrograms = ({ node, copy }: NodeCopy): unknown => ({
  node: node.name,
  ...copy,
  leftMs: copyLeftMs({ ...copy, totalBytes: copy.totalBytes, bytesPerSecond: copy.bytesPerSecond }),
});

function textOf(copies: readonly NodeCopy[], name: string | undefined): string {
  if (copies.length === 0)
    return name === undefined
      ? 'No clone or rewind is under way.\n'
      : `No clone or rewind of ${name} is under way.\n`;
  return copies.map(({ node, copy }) => `${node.name}: ${copyText(copy)}\n`).join('');
}
