import type { ResourceKindName } from '@hamn/core';

/** Which settings each kind of resource has beside those that all have; `!` marks what must be given. */
export const kindFields: Readonly<Record<ResourceKindName, readonly string[]>> = {
  vip: ['address!', 'interface!'],
  postgres: [],
  unit: ['unit', 'ports', 'probe', 'ask', 'askAt'],
  mount: ['source!', 'target!', 'type!', 'options', 'unfenced'],
  drbd: ['resource', 'device!', 'unfenced'],
  link: ['path!', 'to!'],
  marker: ['onPrimary!', 'elsewhere!'],
  template: ['template!', 'file!', 'values', 'valuesOf', 'changed'],
  sync: ['paths', 'list', 'exclude', 'port', 'compareEvery', 'bandwidth'],
  job: ['command', 'commands', 'unitOf'],
  exec: ['start!', 'stop!', 'monitor!'],
  ocf: ['agent!', 'parameters', 'promotable', 'carries', 'exclusive', 'unfenced'],
};

export const commonFields: readonly string[] = [
  'kind',
  'runs',
  'after',
  'startTimeout',
  'stopTimeout',
  'monitorTimeout',
  'promoteTimeout',
  'demoteTimeout',
  'monitorEvery',
  'depth',
  'confirm',
  'confirmAfter',
  'restarts',
  'restartWindow',
  'onFailure',
  'remove',
];

export const plainName = (field: string): string => field.replace('!', '');
