import { monotonicMs } from '../../../client/log.ts';
import { waitFor } from '../../../cluster/index.ts';
import type { VmLab } from '../../vm-lab.ts';
import { demand, type ProofSite } from '../proof.ts';

/**
 * A service of the group that works on its storage and its database: it writes numbered files, each to the disk before it is entered in a table. What
 * is in the table was acknowledged; so each row must have its file, wherever the role went.
 */
export const FILES_UNIT = 'vmlab-files.service';
const PROGRAM = '/usr/local/sbin/vmlab-files';

/** Its line below `resources:`. `after` names what carries the folder. */
export const filesResource = (after: readonly string[]): string =>
  `      files: {kind: unit, unit: ${FILES_UNIT}, after: [${[...after, 'postgres'].join(', ')}]}\n`;

const program = (folder: string): string => `#!/bin/sh
# Each file is whole or not there: it is renamed when its bytes are on the disk.
set -eu
sql() { runuser -u postgres -- psql -qAtX -v ON_ERROR_STOP=1 -c "$1"; }
sql 'create table if not exists vmlab_files (number bigint primary key, node text)'
number=$(sql 'select coalesce(max(number), 0) from vmlab_files')
mkdir -p ${folder}
while :; do
  number=$((number + 1))
  echo "$number $(hostname)" >${folder}/next
  sync ${folder}/next
  mv ${folder}/next ${folder}/$number
  sync ${folder}
  sql "insert into vmlab_files values ($number, '$(hostname)')"
  sleep 1
done
`;

/** Puts the service on the nodes; it writes below \`folder\`, which is on the storage that is proved. */
export async function installFiles(lab: VmLab, nodes: readonly string[], folder: string): Promise<void> {
  for (const node of nodes) {
    await lab.writeFile(node, PROGRAM, program(folder), 0o755);
    const unit = `[Unit]\nStartLimitIntervalSec=0\n\n[Service]\nExecStart=${PROGRAM}\n`;
    await lab.writeFile(node, `/etc/systemd/system/${FILES_UNIT}`, unit, 0o644);
    await lab.mustExec(node, ['systemctl', 'daemon-reload'], { timeoutMs: 60_000 });
  }
}

const sql = async (lab: VmLab, node: string, statement: string): Promise<readonly string[]> => {
  const argv = ['runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-c', statement];
  const text = await lab.mustExec(node, argv, { timeoutMs: 60_000 });
  return text.split('\n').filter((line) => line !== '');
};

/** How many are entered; 0 while the table is not there or the node does not answer. */
export async function filesEntered(lab: VmLab, node: string): Promise<number> {
  const argv = ['runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-c'];
  const asked = await lab.exec(node, [...argv, `select count(*) from vmlab_files where node = '${node}'`], {
    timeoutMs: 30_000,
  });
  return asked.code === 0 ? Number(asked.stdout.trim()) : 0;
}

/** Waits until the service on this node has written so many more; gives the milliseconds until the first one. */
export async function untilFilesWritten(
  { lab }: ProofSite,
  node: string,
  more: number,
  limitMs: number,
): Promise<number> {
  const begunMs = monotonicMs();
  const before = await filesEntered(lab, node);
  let firstMs: number | undefined;
  const done = await waitFor(limitMs, 500, async () => {
    const now = await filesEntered(lab, node);
    if (now > before) firstMs ??= monotonicMs() - begunMs;
    return now >= before + more ? true : undefined;
  });
  demand(done === true && firstMs !== undefined, `The service on ${node} does not write its files.`);
  return firstMs;
}

/** Each entered file must be there and whole; tells how many there are of which node. */
export async function seeFiles({ lab, saw }: ProofSite, node: string, folder: string): Promise<void> {
  // The table first: what is entered later has its file all the more.
  const rows = await sql(lab, node, "select number || ' ' || node from vmlab_files order by number");
  const listed = await lab.mustExec(
    node,
    ['sh', '-c', `cd ${folder} && find . -name '[0-9]*' -exec cat {} +`],
    { timeoutMs: 60_000 },
  );
  const there = new Set(listed.split('\n'));
  const missing = rows.filter((row) => !there.has(row));
  demand(rows.length > 0, `No file is entered in the table of ${node}.`);
  demand(
    missing.length === 0,
    `${node}: files that were acknowledged are not there: ${missing.slice(0, 5).join(', ')}.`,
  );
  const by = [...new Set(rows.map((row) => row.split(' ')[1]))].map(
    (name) => `${rows.filter((row) => row.endsWith(` ${name}`)).length} by ${name}`,
  );
  saw(`${node}: all ${rows.length} acknowledged files are there and whole (${by.join(', ')}).`);
}

/** For the next proof. */
export async function forgetFiles(lab: VmLab, primary: string): Promise<void> {
  await sql(lab, primary, 'drop table if exists vmlab_files');
}
