import { fail, ok, type Result } from '@hamn/core';
import { isMap, parseDocument } from 'yaml';

/** One wish of `pg config set`: a value, or undefined to take the parameter out. */
export interface ParameterChange {
  readonly name: string;
  readonly value: string | undefined;
}

/** `work_mem=64MB` sets, `work_mem-` takes out. */
export function readChange(text: string): Result<ParameterChange, 'bad-change'> {
  const at = text.indexOf('=');
  if (at > 0) return ok({ name: text.slice(0, at).trim().toLowerCase(), value: text.slice(at + 1).trim() });
  if (at < 0 && text.length > 1 && text.endsWith('-'))
    return ok({ name: text.slice(0, -1).toLowerCase(), value: undefined });
  return fail('bad-change', `'${text}' is no change: write NAME=VALUE, or NAME- to take it out.`);
}

/** The cluster's settings with these changes in a group's postgres.parameters; comments and order stay. Whether the values may be, the reader of settings says. */
export function changeParameters(
  text: string,
  group: string,
  changes: readonly ParameterChange[],
): Result<string, 'no-postgres' | 'not-there'> {
  const document = parseDocument(text);
  const place = ['groups', group, 'postgres'];
  if (!isMap(document.getIn(place)))
    return fail('no-postgres', `The group ${group} has no PostgreSQL in its settings (${place.join('.')}).`);
  for (const { name, value } of changes) {
    const path = [...place, 'parameters', name];
    if (value !== undefined) document.setIn(path, value);
    else if (!document.deleteIn(path))
      return fail(
        'not-there',
        `${name} is not set in ${place.join('.')}.parameters, so it cannot be taken out.`,
      );
  }
  const parameters = document.getIn([...place, 'parameters']);
  if (isMap(parameters) && parameters.items.length === 0) document.deleteIn([...place, 'parameters']);
  return ok(document.toString({ lineWidth: 0, flowCollectionPadding: false }));
}
