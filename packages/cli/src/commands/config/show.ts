import { expandedResources, readClusterSettings } from '@hamn/config';
import type { App, GlobalOptions } from '../../app.ts';
import { readView } from '../../connect/etcd-source.ts';
import { complain } from '../../connect/open-source.ts';
import { withStore } from '../../connect/with-store.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';

/** The text goes to stdout, its revision to stderr: `config show > cluster.yaml` gives the file back. */
export const showConfig = (
  options: GlobalOptions & { readonly expanded: boolean },
  app: App,
): Promise<ExitCode> =>
  withStore(options, app, async (store) => {
    const view = await readView(store);
    if (!view.ok) return complain(app, view.error);
    const { config } = view.value;
    if (config.kind !== 'present') {
      app.io.err(
        `The group ${options.group} has no settings in etcd. \`hamnctl init --file cluster.yaml\` sets it up.\n`,
      );
      return exitCodes.refused;
    }
    if (options.expanded) return showExpanded(config.value, options.group, app);
    app.io.out(config.value.endsWith('\n') ? config.value : `${config.value}\n`);
    app.io.err(`Revision ${config.mod}.\n`);
    return exitCodes.ok;
  });

function showExpanded(text: string, name: string, app: App): ExitCode {
  const read = readClusterSettings(text, 'config in etcd');
  if (!read.ok) {
    app.io.err(`${read.error.message}\n`);
    return exitCodes.failed;
  }
  app.io.out(expandedResources(name, read.value.groups.get(name)?.resources ?? []));
  return exitCodes.ok;
}
