import type { StatusDocument } from '@hamn/api';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, openSource, withSource } from '../../connect/open-source.ts';
import type { Source } from '../../connect/source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { renderStatus } from './render.ts';

export interface StatusOptions extends GlobalOptions {
  readonly watch: boolean;
  readonly intervalMs: number;
  readonly json: boolean;
}

export function status(options: StatusOptions, app: App): Promise<ExitCode> {
  if (!Number.isFinite(options.intervalMs) || options.intervalMs <= 0) {
    app.io.err('--interval is a number of seconds above 0.\n');
    return Promise.resolve(exitCodes.usage);
  }
  if (options.watch) return watchStatus(options, app);
  return withSource(options, app, async (source) => {
    const document = await source.status();
    if (!document.ok) return complain(app, document.error);
    app.io.out(textOf(document.value, options, app));
    return document.value.problems.length > 0 ? exitCodes.problems : exitCodes.ok;
  });
}

function textOf(document: StatusDocument, { json, watch }: StatusOptions, { io }: App): string {
  if (json) return `${JSON.stringify(document, undefined, watch ? undefined : 2)}\n`;
  return `${renderStatus(document, { width: io.columns, color: io.color })}\n`;
}

const esc = '\u001b';
const enter = `${esc}[?1049h${esc}[?25l`;
const leave = `${esc}[?25h${esc}[?1049l`;

/** Goes on until Ctrl-C; a source that goes away is looked for anew each time. */
async function watchStatus(options: StatusOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  const intervalMs = Math.max(200, options.intervalMs);
  const picture = io.terminal && !options.json;
  const stop = interruption(io.onInterrupt);
  if (picture) io.out(enter);
  try {
    while (!stop.isAsked()) {
      const look = await oneLook(options, app);
      if (stop.isAsked()) break;
      io.out(picture ? frame(look) : look);
      await Promise.race([io.sleep(intervalMs), stop.when]);
    }
  } finally {
    if (picture) io.out(leave);
  }
  return exitCodes.ok;
}

interface Interruption {
  isAsked(): boolean;
  readonly when: Promise<void>;
}

function interruption(onInterrupt: (run: () => void) => void): Interruption {
  let asked = false;
  const when = new Promise<void>((resolve) => {
    onInterrupt(() => {
      asked = true;
      resolve();
    });
  });
  return { isAsked: () => asked, when };
}

/** All in one write, each line cleared to its end only: nothing flickers. */
const frame = (text: string): string =>
  `${esc}[H${text.trimEnd().replaceAll('\n', `${esc}[K\n`)}${esc}[K${esc}[J`;

async function oneLook(options: StatusOptions, app: App): Promise<string> {
  const source = await openSource(options, app);
  if (!source.ok) return unreachable(source.error.message, options);
  try {
    return await lookAt(source.value, options, app);
  } finally {
    await source.value.close();
  }
}

async function lookAt(source: Source, options: StatusOptions, app: App): Promise<string> {
  const document = await source.status();
  return document.ok ? textOf(document.value, options, app) : unreachable(document.error.message, options);
}

const unreachable = (message: string, { json }: StatusOptions): string =>
  json ? `${JSON.stringify({ error: { message } })}\n` : `${message}\n`;
