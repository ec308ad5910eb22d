import { describe, expect, it } from 'vitest';
import { readClusterSettings } from '../cluster-settings.ts';
import { but, errorsOf, good } from '../testing/good-cluster.ts';

describe('bad settings: shape', () => {
  it.each([
    [
      'a map where a list belongs',
      but('      - {address: 10.1.0.10/24, interface: eth0}', '      address: 10.1.0.10/24'),
      "cluster.yaml:9:5 groups.mn.vips: A map is not legal here. It must be a list ('- value' lines).",
    ],
    [
      'another version',
      but('version: 1\n', 'version: 2\n'),
      "cluster.yaml:1:10 version: '2' is not legal here; use 1.",
    ],
    [
      'no version',
      but('version: 1\n', ''),
      "cluster.yaml:1:1 version: 'version' is missing. It is the version of this format: write `version: 1`.",
    ],
    ['nothing', '', 'cluster.yaml:1:1: The file is empty: nothing is set.'],
    [
      'a list',
      '- a\n',
      "cluster.yaml:1:1: The file must be a map of settings ('name: value' lines) at its top.",
    ],
    [
      'a second document',
      `${good}---\na: 1\n`,
      'cluster.yaml:15:1: There is a second YAML document (---) in this file. Only one is allowed.',
    ],
    [
      'a half-written file',
      good.slice(0, good.indexOf('10/24')),
      'cluster.yaml:10:26: This is not YAML: Flow map in block collection must be sufficiently indented and end with a }.',
    ],
  ])('%s', (_what, text, error) => {
    expect(errorsOf(text)).toBe(error);
  });

  it('are all told at once, in the order of the text', () => {
    const read = readClusterSettings(but('profile: default', 'profile: x').replace('eth0', 'a/b'), 'c.yaml');
    expect(read.ok ? [] : read.error.issues.map((issue) => issue.line)).toEqual([2, 10]);
  });

  it('carry the value and what is legal', () => {
    const read = readClusterSettings(but('profile: default', 'profile: x'), 'c.yaml');
    expect(read.ok ? undefined : read.error.issues[0]).toMatchObject({
      path: ['profile'],
      value: 'x',
      legal: ['fast', 'default', 'patient'],
    });
  });
});
