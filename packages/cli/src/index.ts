export type { App, GlobalOptions } from './app.ts';
export { type ExitCode, exitCodeMeanings, exitCodes } from './exit-codes.ts';
export { runProgram } from './program.ts';
