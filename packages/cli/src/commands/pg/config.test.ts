import { describe, expect, it } from 'vitest';
import { changeParameters, readChange } from './parameter-text.ts';

const settings = `# ours
groups:
  mn:
    postgres:
      version: 15
      # for the reports
      parameters: {work_mem: 64MB}
`;

const set = (name: string, value: string | undefined) => changeParameters(settings, 'mn', [{ name, value }]);

describe('pg config set', () => {
  it('reads NAME=VALUE and NAME-, and refuses the rest by name', () => {
    expect(readChange('Work_Mem = 8MB')).toEqual({ ok: true, value: { name: 'work_mem', value: '8MB' } });
    expect(readChange('a.b=x=y')).toEqual({ ok: true, value: { name: 'a.b', value: 'x=y' } });
    expect(readChange('work_mem-')).toEqual({ ok: true, value: { name: 'work_mem', value: undefined } });
    for (const wrong of ['work_mem', '=1', '-'])
      expect(readChange(wrong)).toMatchObject({
        ok: false,
        error: { message: expect.stringContaining(`'${wrong}'`) },
      });
  });

  it('changes and adds a value, and keeps comments and everything else', () => {
    const changed = set('work_mem', '8MB');
    expect(changed).toEqual({ ok: true, value: settings.replace('64MB', '8MB') });
    const added = set('max_connections', '300');
    expect(added.ok && added.value).toContain('work_mem: 64MB, max_connections: "300"');
  });

  it('takes the last one out with its block, and refuses what is not there', () => {
    const gone = set('work_mem', undefined);
    expect(gone.ok && gone.value).not.toContain('parameters');
    expect(set('wal_buffers', undefined)).toMatchObject({ ok: false, error: { code: 'not-there' } });
    expect(changeParameters(settings, 'sn', [])).toMatchObject({ ok: false, error: { code: 'no-postgres' } });
  });
});
