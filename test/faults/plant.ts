import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, vip4 } from '../cluster/index.ts';

/** Wrongs that only root can do to a cluster (docs/safety.md): each must be found, or a checker sees nothing. */
export const plants = ['row', 'vip', 'acknowledge', 'away'] as const;
export type Plant = (typeof plants)[number];

export const isPlant = (text: string): text is Plant => plants.some((each) => each === text);

const limitMs = 20_000;
/** Long enough to be seen by everybody. */
const wrongMs = 800;

/** Does the wrong, once. */
export async function plantWrong(cluster: Cluster, plant: Plant, primary: string): Promise<void> {
  const { lab, options } = cluster;
  const standby = options.data.find((node) => node !== primary) ?? '';
  const run = async (node: string, ...argv: string[]): Promise<void> =>
    void (await lab.exec(node, argv, { timeoutMs: limitMs }));
  const sql = (node: string, text: string): Promise<void> =>
    run(node, 'runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-c', text);
  const daemons = (signal: string): Promise<void> =>
    run(standby, 'systemctl', 'kill', `--signal=${signal}`, '--kill-who=main', 'hamnd', 'hamn-guard');
  switch (plant) {
    case 'row':
      return sql(primary, 'delete from hamn_probe where id = (select max(id) from hamn_probe)');
    case 'away':
      return run(standby, 'systemctl', 'mask', '--now', '--runtime', 'hamnd.service');
    case 'vip':
      // The guard takes a stray VIP away within some milliseconds: too soon to be seen for sure.
      await daemons('STOP');
      await run(standby, 'ip', 'address', 'add', `${vip4}/32`, 'dev', 'lo');
      await sleep(wrongMs);
      return daemons('CONT');
    case 'acknowledge':
      // Commits of the second primary would wait for ever, and the daemons would end it at once.
      await sql(primary, 'alter role hamn_probe set synchronous_commit = local');
      await sleep(wrongMs);
      await daemons('STOP');
      await sql(standby, 'select pg_promote()');
      await sleep(wrongMs);
      return daemons('CONT');
  }
}
