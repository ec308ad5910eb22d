import type { App } from '../../app.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';

export interface CaOptions {
  readonly dir: string;
}
export async function makeCa(_options: CaOptions, app: App): Promise<ExitCode> {
  app.io.err('Not yet.\n');
  return exitCodes.failed;
}
export interface NodeOptions {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly dir: string;
  readonly out: string;
}
export async function makeNode(_options: NodeOptions, app: App): Promise<ExitCode> {
  app.io.err('Not yet.\n');
  return exitCodes.failed;
}
