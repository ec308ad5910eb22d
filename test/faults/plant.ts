import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, vip4 } from '../cluster/index.ts';

/** Wrongs that only root can do to a cluster (docs/safety.md): each must be found, or a checker sees nothing. */
export const plants = ['row', 'vip', 'acknowledge', 'away'] as const;
export type Plant = (typeof plants)[number];

export const isPlant = (text: string): text is Plant => plants.some((each) => each === text);

const limitMs = 20_000;
/** Writes of the writer beside the node fall into it. */
const dualMs = 500;

/** Does the wrong, once. */
export async function plantWrong(cluster: Cluster, plant: Plant, primary: string): Promise<void> {
  const { lab, options } = cluster;
  const standby = options.data.find((node) => node !== primary) ?? '';
  const run = async (node: string, ...argv: string[]): Promise<void> =>
    void (await lab.exec(node, argv, { timeoutMs: limitMs }));
  const sql = (node: string, text: string): Promise<void> =>
    run(node, 'runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-c', text);
  switch (plant) {
    case 'row':
      return sql(primary, 'delete from hamn_probe where id = (select max(id) from hamn_probe)');
    case 'vip':
      return run(standby, 'ip', 'address', 'add', `${vip4}/32`, 'dev', 'lo');
    case 'away':
      return run(standby, 'systemctl', 'mask', '--now', '--runtime', 'hamnd.service');
    case 'acknowledge':
      // hamnd and the guard would end the second primary at once, and its commits would wait for ever.
      await sql(primary, 'alter role hamn_probe set synchronous_commit = local');
      await sleep(dualMs);
      await run(standby, 'systemctl', 'kill', '--signal=STOP', '--kill-who=main', 'hamnd', 'hamn-guard');
      await sql(standby, 'select pg_promote()');
      await sleep(dualMs);
      await run(standby, 'systemctl', 'kill', '--signal=CONT', '--kill-who=main', 'hamnd', 'hamn-guard');
  }
}
