import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';

export interface AcceptOptions extends GlobalOptions {
  readonly yes: boolean;
}

/** A disk that was moved on purpose; of a clone nobody may say so while the first machine lives. */
export function acceptMachine(options: AcceptOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  return withSource(options, app, async (source) => {
    const question =
      'Is the machine that this disk was in before off for good, or was its disk taken out? (Yes also where only parts of this machine were changed.)';
    if (!(await agreed(io, options.yes, question))) return exitCodes.refused;
    const answer = await source.acceptMachine();
    if (!answer.ok) return complain(app, answer.error);
    io.out(`${answer.value.message}\n`);
    return exitCodes.ok;
  });
}
