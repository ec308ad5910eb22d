import { rmSync, statSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { layoutOf } from '../lab/layout.ts';
import { addFurtherDisk, furtherDisks, moveFurtherDisk } from './further-disks.ts';
import { vmFiles } from './vm-layout.ts';

const layout = layoutOf(`vmunit${process.pid}`);
const namesOf = (node: string): readonly string[] =>
  furtherDisks(vmFiles(layout, node)).map((disk) => disk.name);
const clean = (): void => onTestFinished(() => rmSync(layout.labDir, { recursive: true, force: true }));

test('disks come in the order of their names, and one that is there stays as it is', () => {
  clean();
  addFurtherDisk(layout, 'mn1', 'data-b', 1);
  addFurtherDisk(layout, 'mn1', 'data-a', 1);
  addFurtherDisk(layout, 'mn1', 'data-a', 2);
  expect(namesOf('mn1')).toEqual(['data-a', 'data-b']);
  expect(furtherDisks(vmFiles(layout, 'mn1')).map(({ file }) => statSync(file).size)).toEqual([
    1 << 20,
    1 << 20,
  ]);
});

test('a disk moves to another machine, unless that has one of its name', () => {
  clean();
  addFurtherDisk(layout, 'mn1', 'data', 1);
  moveFurtherDisk(layout, 'data', 'mn1', 'mn2');
  expect([namesOf('mn1'), namesOf('mn2')]).toEqual([[], ['data']]);
  addFurtherDisk(layout, 'mn1', 'data', 1);
  expect(() => moveFurtherDisk(layout, 'data', 'mn1', 'mn2')).toThrow(
    'Machine mn2 has a disk of the name data',
  );
  expect(() => moveFurtherDisk(layout, 'other', 'mn1', 'mn2')).toThrow('Machine mn1 has no disk other.');
});

test('a name or a size that cannot be is refused', () => {
  clean();
  expect(() => addFurtherDisk(layout, 'mn1', '../root', 1)).toThrow("'../root' is no name of a disk");
  for (const mb of [0, -1, 1.5, Number.NaN])
    expect(() => addFurtherDisk(layout, 'mn1', 'data', mb)).toThrow('--mb takes a whole number of megabytes');
  expect(namesOf('mn1')).toEqual([]);
});
