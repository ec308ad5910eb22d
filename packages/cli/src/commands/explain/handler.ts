import { didYouMean } from '@hamn/config';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { renderExplain } from './render.ts';

export interface ExplainOptions extends GlobalOptions {
  readonly node: string | undefined;
  readonly json: boolean;
}

export function explain(options: ExplainOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  return withSource(options, app, async (source) => {
    const answer = await source.explain();
    if (!answer.ok) return complain(app, answer.error);
    const names = answer.value.nodes.map((node) => node.name);
    if (options.node !== undefined && !names.includes(options.node)) {
      io.err(
        `There is no node ${options.node}.${didYouMean(options.node, names)} The nodes are ${names.join(', ')}.\n`,
      );
      return exitCodes.usage;
    }
    const nodes = answer.value.nodes.filter(
      (node) => options.node === undefined || node.name === options.node,
    );
    const document = { ...answer.value, nodes };
    io.out(
      options.json
        ? `${JSON.stringify(document, undefined, 2)}\n`
        : `${renderExplain(document, { width: io.columns, color: io.color })}\n`,
    );
    return exitCodes.ok;
  });
}
