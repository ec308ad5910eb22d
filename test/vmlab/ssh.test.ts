import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { layoutOf } from '../lab/layout.ts';
import { quote, sshCommand } from './ssh.ts';

test('a word reaches the machine’s shell as it is', () => {
  for (const word of [
    '',
    'plain',
    'two words',
    "it's",
    '$HOME `id` "x" \\ *',
    'a\nb',
    '-n',
    '~root',
    '&& id',
  ]) {
    const heard = execFileSync('sh', ['-c', `printf %s ${quote(word)}`], { encoding: 'utf8' });
    expect(heard).toBe(word);
  }
});

test('a command runs with the machine’s own environment, over the control network', () => {
  const argv = sshCommand(layoutOf('vmunit'), 'mn2', '/image', ['psql', '-c', 'select 1']);
  expect(argv.slice(0, 2)).toEqual(['nsenter', '--net=/run/netns/vmunit-sw']);
  expect(argv).toContain('root@10.98.0.12');
  expect(argv.at(-1)).toMatch(/^exec env -i .*PATH=\S+ psql -c 'select 1'$/);
});
