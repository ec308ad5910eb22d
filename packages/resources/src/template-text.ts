import { fail, ok, type Result } from '@hamn/core';
import Mustache from 'mustache';

/** What a template is filled with. */
export interface TemplateValues {
  readonly values: Readonly<Record<string, string>>;
  readonly node: string;
  readonly group: string;
  readonly role: 'primary' | 'standby';
}

type Token = readonly [type: string, name: string, start: number, end: number, ...rest: readonly unknown[]];

/** Sections, their opposites, values with and without braces. A comment names nothing; a partial would be another file. */
const naming: ReadonlySet<string> = new Set(['#', '^', 'name', '&']);

/**
 * The text for a role. Mustache (mustache(5)): `{{node}}`, `{{#primary}}...{{/primary}}`, `{{^primary}}...{{/primary}}`. Nothing is escaped: what it makes
 * is no HTML. Errors: `bad-template`, whose message is a sentence: a name without a value would leave a hole that nobody sees.
 */
export function render(
  template: string,
  { values, node, group, role }: TemplateValues,
): Result<string, 'bad-template'> {
  const view = { ...values, node, group, primary: role === 'primary', standby: role === 'standby' };
  try {
    const tokens = Mustache.parse(template) as readonly Token[];
    const named = namesIn(tokens);
    if (named.some(([type]) => type === '>'))
      return fail('bad-template', 'it takes in another file ({{> ...}}), which is not supported.');
    const unknown = [...new Set(named.map(([, name]) => name))].filter((name) => !Object.hasOwn(view, name));
    if (unknown.length > 0)
      return fail(
        'bad-template',
        `it names ${unknown.join(', ')}, and there are ${Object.keys(view).join(', ')}. Add it to values or valuesOf, or correct the template.`,
      );
    return ok(Mustache.render(template, view, undefined, { escape: String }));
  } catch (error) {
    return fail(
      'bad-template',
      `it cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

function namesIn(tokens: readonly Token[]): readonly (readonly [type: string, name: string])[] {
  return tokens.flatMap(([type, name, , , children]): (readonly [string, string])[] => {
    const own: (readonly [string, string])[] = naming.has(type) || type === '>' ? [[type, name]] : [];
    return Array.isArray(children) ? [...own, ...namesIn(children as readonly Token[])] : own;
  });
}
