import { readFileSync } from 'node:fs';
import { askXcatd } from './client.ts';
import { paths } from './paths.ts';

const defaultLimitMs = 10_000;

/** `lsxcatd -v` and the others on a node: prints what xcatd says; exit 1 on an error. XCATHOST names another server. */
export async function runCommandLine(command: string, args: readonly string[]): Promise<void> {
  const said = await askXcatd(
    {
      host: process.env['XCATHOST'] ?? '127.0.0.1',
      credential: readFileSync(paths.clientCredential),
      authority: readFileSync(paths.clientAuthority),
    },
    { command, args, nodes: [] },
    Number(process.env['XCAT_LIMIT_MS'] ?? defaultLimitMs),
  );
  if (!said.ok) {
    console.error(`Error: ${said.message}`);
    process.exitCode = 1;
    return;
  }
  for (const line of said.value.data) console.log(line);
  for (const line of said.value.errors) console.error(`Error: [${said.value.source}]: ${line}`);
  process.exitCode = said.value.errorCode;
}
