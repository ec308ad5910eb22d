import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readClusterSettings, readNodeFile } from '@hamn/config';
import { expect, it } from 'vitest';

const example = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

it('the example of a node file is valid', () => {
  expect(readNodeFile(example('hamn.yaml'), 'hamn.yaml')).toMatchObject({ ok: true });
});

it('the example of the cluster settings is valid', () => {
  expect(readClusterSettings(example('cluster.yaml'), 'cluster.yaml')).toMatchObject({ ok: true });
});
