import { expect, it } from 'vitest';
import { exitCodeMeanings, exitCodes } from './exit-codes.ts';
import { runProgram } from './program.ts';
import { fakeApp, fakeIo } from './testing/fake-io.ts';

const tail = 'hamnctl --help lists the commands, hamnctl COMMAND --help their options.\n';

it.each([
  ['', 'Say what to do.\n'],
  ['statsu', "There is no command or option 'statsu' here. Did you mean 'status'?\n"],
  ['status --jsno', "There is no command or option 'jsno' here.\n"],
  ['config', 'Say what to do with the settings: show, validate or apply.\n'],
  ['certs', 'Say what to make: ca or node.\n'],
  ['certs node mn1', 'Missing: --address.\n'],
  ['reinit', 'An argument is missing after the command.\n'],
])('hamnctl %s is no command line', async (line, message) => {
  const io = fakeIo();
  expect(await runProgram(line.split(' ').filter(Boolean), fakeApp(io))).toBe(exitCodes.usage);
  expect(io.written).toEqual({ out: '', err: `${message}${tail}` });
});

it.each([
  ['status --watch --interval 0', '--interval is a number of seconds above 0.\n'],
  ['switchover --timeout x', '--timeout is a number of seconds above 0 and at most 3600.\n'],
  [
    'init',
    'Say --file cluster.yaml, or, for a further group of a cluster, --from GROUP: the group whose settings are taken.\n',
  ],
  ['history --last -1', '--last is a whole number, 0 for all.\n'],
  [
    'events --since yesterday',
    "'yesterday' is neither a sequence number nor a length of time such as 30s, 10min or 2h.\n",
  ],
  ['config validate /nonexistent.yaml', 'There is no file /nonexistent.yaml.\n'],
])('hamnctl %s has a wrong value', async (line, message) => {
  const io = fakeIo();
  expect(await runProgram(line.split(' '), fakeApp(io))).toBe(exitCodes.usage);
  expect(io.written.err).toBe(message);
});

it('every exit code has a meaning and is another one', () => {
  expect(Object.keys(exitCodeMeanings)).toEqual(Object.keys(exitCodes));
  expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitCodes).length);
});
