import type { SenderReport } from '@hamn/api';
import { fail, ok } from '@hamn/core';
import { expect, it } from 'vitest';
import { FileSyncControl } from './file-sync-control.ts';

const report: SenderReport = {
  resource: 'files',
  node: 'mn1',
  token: 7,
  standing: 'complete',
  folders: 3,
  troubles: [],
  copies: [],
};
const said: string[] = [];
type Copying = ReturnType<ConstructorParameters<typeof FileSyncControl>[1]>;
const control = (copying: Copying): FileSyncControl =>
  new FileSyncControl('mn1', () => copying, { write: ({ message }) => void said.push(message) });

it('shows what is sent from here, and writes down who asked for what', async () => {
  const sending = control({
    primary: 'mn1',
    names: ['files'],
    reports: async () => [report],
    ask: async () => ok(report),
    diff: async () => ok([]),
  });
  expect(await sending.document()).toMatchObject({ primary: 'mn1', resources: ['files'], senders: [report] });
  expect(await sending.diff('files')).toEqual(ok({ schema: 1, node: 'mn1', resource: 'files', diffs: [] }));
  expect(await sending.ask('adopt', { resource: 'files', by: 'root' })).toMatchObject({ ok: true });
  expect(said).toEqual([
    'root asked: The files of files on mn1 count from now on, and are sent to the other nodes.',
  ]);
});

it('says where to ask instead, and why not', async () => {
  const absent = fail('absent', 'No sender of files runs on this node.');
  const none = {
    primary: 'mn2',
    names: ['files'],
    reports: async () => [],
    ask: async () => absent,
    diff: async () => absent,
  };
  expect(await control(none).ask('now', { resource: 'files', by: 'root' })).toMatchObject({
    error: { code: 'refused', message: 'No sender of files runs on mn1. mn2 is primary: ask there.' },
  });
  const unknown = fail('unknown-resource', "There is no resource 'x' of kind sync. There is files.");
  expect(await control({ ...none, diff: async () => unknown }).diff('x')).toMatchObject({
    error: { code: 'refused', message: unknown.error.message },
  });
  const hung = fail('timeout', 'The sender of files did not answer within 5000 ms.');
  expect(await control({ ...none, diff: async () => hung }).diff('files')).toMatchObject({
    error: { code: 'timeout' },
  });
  expect(await control(undefined).reports()).toEqual([]);
});
