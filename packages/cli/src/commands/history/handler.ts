import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { renderHistory } from './render.ts';

export interface HistoryOptions extends GlobalOptions {
  /** 0 for all. */
  readonly last: number;
  readonly json: boolean;
}

export function history(options: HistoryOptions, app: App): Promise<ExitCode> {
  if (!Number.isInteger(options.last) || options.last < 0) {
    app.io.err('--last is a whole number, 0 for all.\n');
    return Promise.resolve(exitCodes.usage);
  }
  return withSource(options, app, async (source) => {
    const answer = await source.history();
    if (!answer.ok) return complain(app, answer.error);
    const { entries } = answer.value;
    const document = { ...answer.value, entries: options.last > 0 ? entries.slice(-options.last) : entries };
    const text = options.json
      ? JSON.stringify(document, undefined, 2)
      : renderHistory(document, { width: app.io.columns });
    app.io.out(`${text}\n`);
    return exitCodes.ok;
  });
}
