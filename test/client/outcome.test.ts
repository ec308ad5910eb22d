import { expect, test } from 'vitest';
import { judge } from './outcome.ts';

const serverError = (severity: string, message: string): Error =>
  Object.assign(new Error(message), { severity });

test('a plain success is an acknowledgement', () => {
  expect(judge(undefined, [])).toEqual({ outcome: 'acked', because: undefined });
});

test('a success with a warning is not', () => {
  const warning = 'WARNING: canceling wait for synchronous replication due to user request';
  expect(judge(undefined, [warning])).toEqual({ outcome: 'unknown', because: warning });
});

test('an ERROR of the server is a definite failure', () => {
  const error = serverError('ERROR', 'cannot execute INSERT in a read-only transaction');
  expect(judge(error, []).outcome).toBe('failed');
});

test('FATAL is not: the row may be committed locally', () => {
  expect(judge(serverError('FATAL', 'terminating connection'), []).outcome).toBe('unknown');
});

test('a lost connection and a time limit leave the row unknown, with the reason', () => {
  expect(judge(new Error('read ECONNRESET'), [])).toEqual({ outcome: 'unknown', because: 'read ECONNRESET' });
});
