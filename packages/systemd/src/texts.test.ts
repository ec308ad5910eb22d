import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startConfOf } from './boot-start.ts';
import { pathOfUnit, unitOfPath } from './bus-path.ts';
import { sliceDirectory, usualSlice } from './control-group.ts';
import { gateText, ownershipText, writeIfChanged } from './drop-in.ts';
import { activeState, changedState, jobIdOf, listedUnits, propertiesOf, startsAtBoot } from './parse.ts';

describe('bus paths', () => {
  it('are what systemd makes of a name', () => {
    expect(pathOfUnit('postgresql@15-main.service')).toBe(
      '/org/freedesktop/systemd1/unit/postgresql_4015_2dmain_2eservice',
    );
    expect(pathOfUnit('6to4.service')).toBe('/org/freedesktop/systemd1/unit/_36to4_2eservice');
  });
  it('lead back to the name', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), (name) => unitOfPath(pathOfUnit(name)) === name));
  });
  it('of other objects are no unit', () => {
    expect(unitOfPath('/org/freedesktop/systemd1/job/5')).toBeUndefined();
  });
});

describe('control groups', () => {
  it('nest slices by their dashes', () => {
    expect(sliceDirectory('system.slice')).toBe('system.slice');
    expect(sliceDirectory('system-postgresql.slice')).toBe('system.slice/system-postgresql.slice');
    expect(sliceDirectory('-.slice')).toBe('');
  });
  it('of an instance lie below its template', () => {
    expect(usualSlice('postgresql@15-main.service')).toBe('system-postgresql.slice');
    expect(usualSlice('xcatd.service')).toBe('system.slice');
  });
});

describe('drop-ins', () => {
  it('forbid systemd to restart', () => {
    expect(ownershipText('x.service', false)).toContain('\nRestart=no\n');
    expect(ownershipText('x.service', false)).not.toContain('RemainAfterExit');
  });
  it('say nothing of processes to a unit that has none', () => {
    expect(ownershipText('tftp.socket', false)).not.toContain('[Service]');
  });
  it('let the death of a daemon of an init script be seen', () => {
    expect(ownershipText('x.service', true)).toContain('\nRemainAfterExit=no\n');
  });
  it('quote the data directory for systemd', () => {
    expect(gateText('/usr/lib/hamn/pg-gate', '/srv/a "b" 100% $x\\y')).toContain(
      'ExecStartPre=+"/usr/lib/hamn/pg-gate" "/srv/a \\"b\\" 100%% $$x\\\\y"\n',
    );
  });
  it('are written only when they change', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hamn-drop-in-'));
    const path = join(directory, 'x.service.d', '50-hamn.conf');
    expect(await writeIfChanged(path, 'a')).toBe(true);
    expect(await writeIfChanged(path, 'a')).toBe(false);
    expect(await writeIfChanged(path, 'b')).toBe(true);
    rmSync(directory, { recursive: true });
  });
  it('can be read by everybody, whatever the umask and an earlier version made of them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hamn-drop-in-'));
    const path = join(directory, 'x.service.d', '50-hamn.conf');
    const modes = (): string[] =>
      [path, dirname(path)].map((each) => (statSync(each).mode & 0o777).toString(8));
    const before = process.umask(0o077);
    try {
      await writeIfChanged(path, 'a');
      expect(modes()).toEqual(['644', '755']);
      chmodSync(path, 0o600);
      chmodSync(dirname(path), 0o700);
      expect(await writeIfChanged(path, 'a')).toBe(false);
      expect(modes()).toEqual(['644', '755']);
    } finally {
      process.umask(before);
      rmSync(directory, { recursive: true });
    }
  });
});

describe("systemd's words", () => {
  it('of later versions pass for known ones', () => {
    expect(activeState('refreshing')).toBe('reloading');
    expect(activeState('maintenance')).toBe('deactivating');
  });
  it('about units are read whole or not at all', () => {
    const row = ['x.service', 'X', 'loaded', 'active', 'running', '', '/', 7, 'start', '/'];
    expect(listedUnits([row])).toEqual([
      { unit: 'x.service', loadState: 'loaded', active: 'active', sub: 'running', jobId: 7 },
    ]);
    expect(listedUnits([row, ['y.service']])).toBeUndefined();
    expect(listedUnits('rows')).toBeUndefined();
  });
  it('about an interface are empty where one is missing or of another type', () => {
    const seen = propertiesOf({ SourcePath: '/etc/init.d/x', WantedBy: ['a.target'], NRestarts: 3 });
    expect(seen?.text('SourcePath')).toBe('/etc/init.d/x');
    expect(seen?.texts('WantedBy')).toEqual(['a.target']);
    expect([seen?.text('NRestarts'), seen?.text('toString'), seen?.value('NRestarts')]).toEqual(['', '', 3]);
    expect(seen?.texts('SourcePath')).toEqual([]);
    expect(propertiesOf([['SourcePath', 'x']])).toBeUndefined();
  });
  it('about a change hold its state when it is one of the unit', () => {
    const changed = { ActiveState: 'failed', SubState: 'failed', Other: 1 };
    expect(changedState(['org.freedesktop.systemd1.Unit', changed, []])).toBe('failed/failed');
    expect(changedState(['org.freedesktop.systemd1.Service', changed, []])).toBeUndefined();
    expect(changedState(['org.freedesktop.systemd1.Unit', {}, []])).toBeUndefined();
  });
  it('name jobs by number', () => {
    expect(jobIdOf('/org/freedesktop/systemd1/job/90')).toBe(90);
  });
  it('say what starts at boot', () => {
    expect(startsAtBoot('enabled', [])).toBe(true);
    expect(startsAtBoot('enabled-runtime', ['postgresql.service'])).toBe(true);
    expect(startsAtBoot('generated', ['multi-user.target'])).toBe(true);
    expect(startsAtBoot('generated', [])).toBe(false);
    expect(startsAtBoot('disabled', [])).toBe(false);
    expect(startsAtBoot('static', ['x.target'])).toBe(false);
  });
});

describe("Debian's clusters", () => {
  it('say in a file of their own whether they start at boot', () => {
    expect(startConfOf('postgresql@15-main.service')).toBe('/etc/postgresql/15/main/start.conf');
    expect(startConfOf('postgresql-15.service')).toBeUndefined();
  });
});
