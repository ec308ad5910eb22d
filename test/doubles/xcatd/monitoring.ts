import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { paths } from './paths.ts';

const command = '/opt/xcat/bin/nodestat all -m -u -q';

/**
 * If xcatmon is on, the original adds a job to root's crontab when it starts, with xcatd's environment in front of it: cfgloc and its password
 * are in it. Nothing but `monstop` takes it out again.
 */
export async function startMonitoring(client: pg.Client): Promise<void> {
  const on = await client.query("select 1 from monitoring where name = 'xcatmon' and nodestatmon = 'Y'");
  if (on.rowCount === 0) return;
  const cfgloc = readFileSync(paths.cfgloc, 'utf8').trim();
  const entry = `*/3 * * * * XCATROOT=/opt/xcat PATH=/usr/bin:/bin XCATCFG='${cfgloc}' ${command}`;
  const listed = spawnSync('crontab', ['-l'], { encoding: 'utf8', timeout: 5000 });
  const now = listed.status === 0 ? listed.stdout : '';
  if (!now.includes(command)) spawnSync('crontab', ['-'], { input: `${now}${entry}\n`, timeout: 5000 });
}
