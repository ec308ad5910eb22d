import { describe, expect, it } from 'vitest';
import { threeData, useGround } from './ground.ts';

/** Two machines that say they are one node: the second takes no part, so that no data is taken for another's. */
const ground = useGround(threeData);

describe('a node name that another machine has already', () => {
  it('is refused with a reason, and neither the owner of the name nor the primary is disturbed', async () => {
    const { primary, standbys } = await ground.cast();
    const [owner = '', other = ''] = standbys;
    const before = await ground.term(primary);
    // The same connection, not one that was made again.
    const streams = (): Promise<string> =>
      ground.sql(
        primary,
        `select state || ' since ' || backend_start from pg_stat_replication where application_name = '${owner}'`,
      );
    const streamed = await streams();
    expect(streamed).toMatch(/^streaming since/);
    const copy = async (path: string, mode: number): Promise<void> => {
      const text = await ground.lab.mustExec(owner, ['cat', path]);
      await ground.lab.writeFile(other, path, text, mode);
    };
    await ground.sh(other, 'systemctl stop hamnd; cp -a /etc/hamn /root/hamn-kept', 60_000);
    try {
      await copy('/etc/hamn/hamn.yaml', 0o600);
      for (const file of ['node.crt', 'node.key']) await copy(`/etc/hamn/tls/${file}`, 0o600);
      await ground.sh(other, 'systemctl start hamnd', 60_000);
      const reason = new RegExp(`address of ${owner} is not on this machine`);
      const explained = async (): Promise<string> =>
        (await ground.hamnctlAt(other, 'explain')).stdout.replace(/\s+/g, ' ');
      expect(await ground.until(reason, 40_000, explained)).toMatch(reason);
      expect(await ground.term(primary)).toBe(before);
      expect(await streams()).toBe(streamed);
    } finally {
      await ground.sh(
        other,
        'systemctl stop hamnd; cp -a /root/hamn-kept/. /etc/hamn/; rm -r /root/hamn-kept',
        60_000,
      );
    }
    await ground.restore();
    expect(await ground.term(primary)).toBe(before);
  });
});
