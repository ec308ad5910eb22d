import { expect, test } from 'vitest';
import { mirrorOfDeb822, mirrorOfOneLine } from './apt-sources.ts';
import { findCgroup2 } from './cgroup.ts';

const SECURITY =
  'Types: deb\nURIs: http://deb.debian.org/debian-security\nSuites: bookworm-security\nComponents: main\n';

test("the mirror is the host's own, in either style, and never the security archive", () => {
  const main =
    'Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n';
  expect(mirrorOfDeb822(`${SECURITY}\n${main}`)).toBe('http://mirror.example/debian');
  expect(mirrorOfDeb822(`${SECURITY}\n${main}Enabled: no\n`)).toBeUndefined();
  const lines = [
    '# deb http://old.example/debian bookworm main',
    'deb http://deb.debian.org/debian-security bookworm-security main',
    'deb [arch=amd64 signed-by=/k] https://mirror.example/debian/ bookworm main contrib',
  ];
  expect(mirrorOfOneLine(lines.join('\n'))).toBe('https://mirror.example/debian/');
  expect(mirrorOfOneLine('deb https://deb.nodesource.com/node_20.x nodistro main')).toBeUndefined();
});

test('the cgroup v2 hierarchy is found on hybrid and on unified hosts, and not where it is read-only or a part', () => {
  const hybrid =
    '40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw';
  expect(findCgroup2(hybrid)).toBe('/sys/fs/cgroup/unified');
  expect(findCgroup2('30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw')).toBe(
    '/sys/fs/cgroup',
  );
  expect(findCgroup2('30 24 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup2 rw')).toBeUndefined();
  expect(findCgroup2('30 24 0:26 /part /mnt rw - cgroup2 cgroup2 rw')).toBeUndefined();
});
