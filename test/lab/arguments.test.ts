import { describe, expect, test } from 'vitest';
import { helpText, parseCommandLine } from './arguments.ts';
import { COMMANDS, signalOf } from './commands.ts';

describe('a command line', () => {
  test('is taken apart', () => {
    expect(parseCommandLine(['up', '--nodes', 'mn1,wit1', '--fresh']).args).toMatchObject({
      nodes: ['mn1', 'wit1'],
      fresh: true,
    });
    expect(parseCommandLine(['exec', 'mn1', '--', 'ls', '--all']).args).toMatchObject({
      words: ['mn1'],
      rest: ['ls', '--all'],
    });
  });

  const wrong: [string[], string][] = [
    [[], 'No command was given.'],
    [['fly'], "There is no command 'fly'. The commands are up,"],
    [['power-off'], 'A word is missing. Usage: npm run lab -- power-off NODE'],
    [['power-off', 'mn1', 'mn2'], "'mn2' is one word too many."],
    [['power-off', 'mn9'], "The lab knows no node 'mn9'. Its nodes are mn1,"],
    [['up', '--nodes', 'mn1,mn9'], "The lab knows no node 'mn9'."],
    [['up', '--nodes', ''], '--nodes names no node.'],
    [['up', '--nosuch'], "Unknown option '--nosuch'"],
    [['down', '--fresh'], '--fresh has no meaning here.'],
    [['exec', 'mn1'], 'The command is missing. Usage: npm run lab -- exec NODE -- COMMAND...'],
    [['status', '--', 'ls'], "Nothing may follow '--' here."],
  ];
  test.each(wrong)('%j is refused with a reason', (argv, reason) => {
    expect(() => parseCommandLine(argv)).toThrow(reason);
  });
});

test('a signal may be written as people write it', () => {
  expect([undefined, 'kill', 'SIGTERM', 'stop'].map((each) => signalOf(each))).toEqual([
    'SIGKILL',
    'SIGKILL',
    'SIGTERM',
    'SIGSTOP',
  ]);
  expect(() => signalOf('BANG')).toThrow("'BANG' is no signal the lab sends.");
});

test('the help names every command', () => {
  for (const name of COMMANDS.keys()) expect(helpText()).toContain(`  ${name}`);
});
