import { describe, expect, it } from 'vitest';
import { longestChainMs } from '../demo/chain.ts';

const base = new Map([
  ['vip', 3000],
  ['postgres', 3200],
]);

describe('the longest chain of starts', () => {
  it('is that of what waits longest, and what starts beside it costs nothing', () => {
    const links = [
      { name: 'vip', after: [], ownMs: 0 },
      { name: 'postgres', after: [], ownMs: 0 },
      { name: 'xcatd', after: ['vip', 'postgres'], ownMs: 2000 },
      { name: 'http', after: ['vip', 'postgres'], ownMs: 900 },
      { name: 'dhcpd', after: ['xcatd'], ownMs: 500 },
      { name: 'ready', after: ['dhcpd', 'http'], ownMs: 20 },
    ];
    expect(longestChainMs(links, base)).toBe(5720);
  });

  it('is the base where nothing else is', () => {
    expect(longestChainMs([{ name: 'vip', after: [], ownMs: 0 }], base)).toBe(3000);
    expect(longestChainMs([], base)).toBe(0);
  });

  it('is none where there is a circle', () => {
    const links = [
      { name: 'a', after: ['b'], ownMs: 1 },
      { name: 'b', after: ['a'], ownMs: 1 },
    ];
    expect(() => longestChainMs(links, base)).toThrow('circle');
  });
});
