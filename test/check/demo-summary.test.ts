import { describe, expect, it } from 'vitest';
import { judgeDemo } from './demo-summary.ts';

const names = ['vip-1', 'postgres', 'named', 'xcatd', 'dhcpd', 'http', 'nfs', 'tftp', 'console', 'ready'];
const resources = Object.fromEntries(names.map((name) => [name, 5000]));
const good = {
  acked: 900,
  lost: 0,
  dual_primary: false,
  failover: {
    write_outage_ms: 2900,
    vip_outage_ms: 2700,
    ready_ms: 6400,
    longest_chain_ms: 6000,
    resources,
  },
  switchover: { write_outage_ms: 300 },
  rejoined: true,
};
const judge = (summary: unknown): string | undefined => judgeDemo(`a story\n${JSON.stringify(summary)}\n`);

describe('the demonstration’s summary', () => {
  it('is good', () => expect(judge(good)).toBeUndefined());

  it('is not good', () => {
    expect(judge({ ...good, lost: 1 })).toContain('lost acknowledged rows');
    expect(judge({ ...good, dual_primary: true })).toContain('two primaries');
    expect(judge({ ...good, rejoined: false })).toContain('did not rejoin');
    expect(judge({ ...good, switchover: undefined })).toContain('a figure is missing');
    const { failover } = good;
    expect(judge({ ...good, failover: { ...failover, ready_ms: 6501 } })).toContain('later than the longest');
    expect(judge({ ...good, failover: { ...failover, ready_ms: undefined } })).toContain('was well');
    expect(judge({ ...good, failover: { ...failover, write_outage_ms: 3501 } })).toContain('cost more than');
    const { dhcpd: _, ...fewer } = resources;
    expect(judge({ ...good, failover: { ...failover, resources: fewer } })).toContain('of dhcpd are missing');
    expect(judge({ ...good, acked: 0 })).toContain('a figure is missing');
    expect(judgeDemo('It failed.\n')).toContain('no summary');
    expect(judgeDemo('')).toContain('no summary');
    expect(judgeDemo('null')).toContain('no summary');
  });
});
