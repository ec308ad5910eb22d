import { expect, it } from 'vitest';
import { readClusterSettings } from './cluster-settings.ts';
import { expandedResources } from './expanded.ts';
import { but, good } from './testing/good-cluster.ts';
import { hostFamilies } from './xcat-preset.ts';

const services = good.slice(good.indexOf('    services:'));
const resourcesOf = (text: string) => {
  const read = readClusterSettings(text, 'cluster.yaml');
  if (!read.ok) throw new Error(read.error.message);
  return read.value.groups.get('mn')?.resources ?? [];
};

it('prints every line of the preset with all that it leaves out', async () => {
  const text = expandedResources('mn', resourcesOf(but(services, '    preset: xcat\n')));
  await expect(text).toMatchFileSnapshot('testdata/xcat-expanded.yaml');
});

it.each([undefined, ...hostFamilies])('prints what means the same when it is read again (%s)', (family) => {
  const line = family === undefined ? '' : `    family: ${family}\n`;
  const first = resourcesOf(but(services, `    preset: xcat\n${line}`));
  const printed = expandedResources('mn', first);
  const below = printed.slice(printed.indexOf('    resources:'));
  expect(resourcesOf(but(services, below))).toEqual(first);
});

it.each([
  '{kind: sync, paths: ["/root/.munge/*"], bandwidth: 50MB, compareEvery: 1h}',
  '{kind: sync, list: xcat, paths: [/install]}',
])('prints a file sync that means the same when it is read again: %s', (settings) => {
  const line = `      files: ${settings}\n`;
  const first = resourcesOf(but(services, `    resources:\n${line}`));
  const printed = expandedResources('mn', first);
  expect(resourcesOf(but(services, printed.slice(printed.indexOf('    resources:'))))).toEqual(first);
});
