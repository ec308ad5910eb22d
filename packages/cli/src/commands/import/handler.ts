import { type ConfigError, readClusterSettings } from '@hamn/config';
import type { App, GlobalOptions } from '../../app.ts';
import { loadText } from '../../connect/node-file.ts';
import { usage } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import type { Draft, Remark } from './pacemaker/draft.ts';
import { readCib } from './pacemaker/read-cib.ts';
import { settingsText } from './pacemaker/settings.ts';

export interface ImportOptions extends GlobalOptions {
  readonly file: string;
  /** `NAME=ADDRESS` each. */
  readonly nodes: readonly string[];
  readonly witnesses: readonly string[];
  readonly interface: string | undefined;
}

/** Settings to stdout, what was not carried over to stderr. The exit code says whether there is anything to be looked at. */
export async function importPacemaker(options: ImportOptions, app: App): Promise<ExitCode> {
  const text = await loadText(options.file);
  if (!text.ok) return usage(app, text.error.message);
  const read = readCib(text.value, options.file, { interface: options.interface });
  if (!read.ok) return usage(app, read.error.message);
  const { nodes, draft } = read.value;
  const given = new Map(options.nodes.map(pair));
  const missing = nodes.filter((node) => !given.has(node));
  if (missing.length > 0)
    return usage(
      app,
      `A CIB does not say where its nodes are. Add ${missing.map((node) => `--node ${node}=ADDRESS`).join(' ')}.`,
    );
  const settings = settingsText(draft, {
    group: options.group,
    nodes: given,
    witnesses: new Map(options.witnesses.map(pair)),
  });
  const remarks = remarksText(draft);
  const checked = readClusterSettings(settings, 'the imported settings');
  app.io.err(remarks);
  if (!checked.ok) {
    app.io.err(`${failure(checked.error)}\n`);
    app.io.out(settings);
    return exitCodes.failed;
  }
  app.io.out(settings);
  return draft.notCarried.length + draft.toCheck.length === 0 ? exitCodes.ok : exitCodes.problems;
}

const pair = (text: string): readonly [string, string] => {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
};

const failure = ({ message }: ConfigError): string =>
  `What was read does not make settings that hamn accepts; correct them by hand:\n${message}`;

function remarksText({ notCarried, toCheck }: Draft): string {
  const block = (head: string, remarks: readonly Remark[]): string =>
    remarks.length === 0
      ? ''
      : `${head}\n${remarks.map(({ place, because }) => `  ${place}: ${because}\n`).join('')}`;
  return block('Not carried over:', notCarried) + block('Carried over; look at it:', toCheck);
}
