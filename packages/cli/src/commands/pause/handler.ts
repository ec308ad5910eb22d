import type { DoneAnswer } from '@hamn/api';
import type { Result } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import type { SourceFailure } from '../../connect/source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';

export interface PauseOptions extends GlobalOptions {
  readonly reason: string;
}

export const pause = (options: PauseOptions, app: App): Promise<ExitCode> =>
  withSource(options, app, async (source) =>
    tell(await source.pause({ by: app.io.user, reason: options.reason }), app),
  );

export const resume = (options: GlobalOptions, app: App): Promise<ExitCode> =>
  withSource(options, app, async (source) => tell(await source.resume(app.io.user), app));

function tell(answer: Result<DoneAnswer, SourceFailure>, app: App): ExitCode {
  if (!answer.ok) return complain(app, answer.error);
  app.io.out(`${answer.value.message}\n`);
  return exitCodes.ok;
}
