import { describe, expect, it } from 'vitest';
import { exportsWithReplicas } from './replicas.ts';

const good = {
  path: '/install',
  clients: '*',
  options: ['rw', 'no_root_squash'],
  servers: ['sn1', 'sn2', 'sn3'],
};

describe('exports with replicas', () => {
  it('name the other servers in each server’s own line', () => {
    expect(exportsWithReplicas(good)).toEqual({
      ok: true,
      value: new Map([
        ['sn1', '/install *(rw,no_root_squash,replicas=/install@sn2:/install@sn3)'],
        ['sn2', '/install *(rw,no_root_squash,replicas=/install@sn1:/install@sn3)'],
        ['sn3', '/install *(rw,no_root_squash,replicas=/install@sn1:/install@sn2)'],
      ]),
    });
  });

  it.each([
    [{ path: 'install' }, 'write an absolute path'],
    [{ path: '/a:b' }, 'Export a path without them'],
    [{ path: '/a b' }, 'Export a path without them'],
    [{ clients: '10.0.0.0/8(rw)' }, 'is no client of exports(5)'],
    [{ options: ['rw,ro'] }, 'is no option'],
    [{ options: ['refer=/a@b'] }, 'Remove the options replicas and refer'],
    [{ servers: ['sn1', 'fd99::2'] }, 'an IPv6 address has'],
    [{ servers: ['sn1', 'sn1'] }, 'listed twice'],
    [{ servers: ['sn1'] }, 'two servers at least'],
  ])('refuse %j', (change, why) => {
    const made = exportsWithReplicas({ ...good, ...change });
    expect(made.ok ? 'it was made' : made.error.message).toContain(why);
  });
});
