import type { Brand } from '@hamn/core';

/** What hamnctl's exit codes mean; the reference is generated from this table. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  timeout: 5,
  problems: 6,
  notLocked: 121,
  lockLost: 122,
  notStarted: 126,
} as const;

/** What a command that ran under a lock ended with. */
type PassedOn = Brand<number, 'PassedOn'>;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes] | PassedOn;

export const passedOn = (code: number): ExitCode => code as PassedOn;

export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'Done, or nothing is wrong.',
  failed: 'It was tried and went wrong; the message says what is left.',
  usage: 'The command line, a file or a setting is wrong. Nothing was changed.',
  unreachable: 'Neither hamnd nor etcd answered, so nothing is known and nothing was changed.',
  refused: 'As things are it must not be done. Nothing was changed.',
  timeout: 'It was asked for and was not finished within the limit; it may still happen.',
  problems: 'The command worked and found problems (status, doctor, makemn).',
  notLocked: 'lock: the lock was not had; the command was not started.',
  lockLost: 'lock: the lock was lost, and the command was stopped.',
  notStarted: 'lock: the command could not be started. Else lock passes on the command’s own code.',
};
