import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';

/** A server that dies is started where it is, while that can help; when it cannot be started there, another node takes the role. */
const ground = useGround(threeData);
const client = useClient(ground);

const timeline = (node: string): Promise<string> =>
  ground.sql(node, 'select timeline_id from pg_control_checkpoint()');

describe('a crash of the primary’s server', () => {
  it('is mended in place: the same node, the same term, the same timeline', async () => {
    const { primary } = await ground.cast();
    const from = monotonicMs();
    const token = (await ground.cluster.status(primary))?.term?.token;
    const [before, started] = [
      await timeline(primary),
      await ground.sql(primary, 'select pg_postmaster_start_time()'),
    ];
    await ground.lab.kill(primary, 'postgres');
    await writesGoOn(client, 20_000);
    expect((await ground.cast()).primary).toBe(primary);
    expect(await ground.sql(primary, 'select pg_postmaster_start_time()')).not.toBe(started);
    expect(await timeline(primary)).toBe(before);
    expect((await ground.cluster.status(primary))?.term?.token).toBe(token);
    await nothingLost(ground, client, from);
  });

  it('after which it cannot start moves the role, and the node is a standby when that is put right', async () => {
    const { primary, standbys } = await ground.cast();
    const from = monotonicMs();
    const bad = `/etc/postgresql/${ground.lab.release.postgres}/main/conf.d/99-bad.conf`;
    await ground.lab.writeFile(primary, bad, "shared_buffers = 'no number'\n", 0o644);
    await ground.lab.kill(primary, 'postgres');
    await writesGoOn(client, 60_000);
    const now = await ground.until(new RegExp(standbys.join('|')), 10_000, async () =>
      String(await ground.cluster.primary(standbys[0])),
    );
    expect(standbys).toContain(now);
    await ground.sh(primary, `rm ${bad}`);
    expect((await ground.cast(120_000)).primary).toBe(now);
    await nothingLost(ground, client, from);
  });
});
