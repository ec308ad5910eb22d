import { describe, expect, it } from 'vitest';
import {
  authorizedKeys,
  type ReceiverPlaces,
  rsyncdConfig,
  rsyncRules,
  sshdConfig,
} from './receiver-files.ts';

const places: ReceiverPlaces = {
  folder: '/run/hamn/sync/mn-files',
  address: '10.1.0.222',
  hostKeyFile: '/var/lib/hamn/sync/host_key',
  gate: '/usr/lib/hamn/sync-gate',
  standingFile: '/var/lib/hamn/sync/mn-files.standing',
};

describe('the files of a receiver', () => {
  it('let one key run one program', () => {
    expect(authorizedKeys(places, new Map([['mn1', 'ssh-ed25519 AAAA']]))).toMatchSnapshot();
    expect(sshdConfig(places, 7444)).toMatchSnapshot();
    expect(rsyncdConfig(places)).toMatchSnapshot();
  });
  it('name what may be written, excludes first', () => {
    const paths = ['/etc/hosts', '/etc/xcat/ca', '/root/.ssh/id*', '/srv/a[1]'];
    expect(
      rsyncRules({ paths, exclude: ['authorized_keys', '*.lock', '/etc/xcat/ca/own'] }),
    ).toMatchSnapshot();
  });
});
