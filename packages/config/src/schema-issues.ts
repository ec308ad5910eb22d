import { didYouMean } from '@hamn/core';
import { z } from 'zod';
import type { ConfigIssue, ConfigPath } from './issues.ts';
import { type Source, valueAt } from './source.ts';

/** Turns what the schema library found into sentences with places. */
export function schemaIssues(error: z.ZodError, schema: z.ZodType, source: Source): readonly ConfigIssue[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(path, key, schema, source));
    return [oneIssue(issue, path, schema, source)];
  });
}

function unknownKey(path: ConfigPath, key: string, schema: z.ZodType, source: Source): ConfigIssue {
  const inner = schemaAt(schema, path);
  const legal = inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  const where = [...path, key];
  return {
    severity: 'error',
    path: where,
    ...source.place(where, 'key'),
    value: valueAt(source.data, where),
    message: `There is no setting '${key}' here.${didYouMean(key, legal)} Legal are: ${legal.join(', ')}.`,
    legal,
  };
}

function oneIssue(issue: z.core.$ZodIssue, path: ConfigPath, schema: z.ZodType, source: Source): ConfigIssue {
  const value = valueAt(source.data, path);
  const missing = value === undefined;
  const onKey = missing || issue.code === 'invalid_key';
  const base = {
    severity: 'error',
    path,
    ...source.place(missing ? path.slice(0, -1) : path, onKey ? 'key' : 'value'),
    value,
  } as const;
  if (missing) return { ...base, message: missingMessage(path, schema) };
  if (issue.code === 'invalid_value') {
    const legal = issue.values.map(String);
    const near = typeof value === 'string' ? didYouMean(value, legal) : '';
    return { ...base, legal, message: `${quote(value)} is not legal here; use ${orList(legal)}.${near}` };
  }
  if (issue.code === 'invalid_key') {
    const text = issue.issues[0]?.message ?? 'It is not legal as a name.';
    return {
      ...base,
      value: path.at(-1),
      message: `The name '${String(path.at(-1))}' is not legal. ${text}`,
    };
  }
  return { ...base, message: `${quote(value)} is not legal here. ${sentence(issue)}` };
}

function missingMessage(path: ConfigPath, schema: z.ZodType): string {
  const description = descriptionAt(schema, path);
  const what = description === undefined ? '' : ` ${description}`;
  return `'${String(path.at(-1) ?? '')}' is missing.${what}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: "a map ('name: value' lines)",
  record: "a map ('name: value' lines)",
  array: "a list ('- value' lines)",
};

function sentence(issue: z.core.$ZodIssue): string {
  // Sentences of our own end with a full stop; the library's phrases do not.
  if (issue.message.endsWith('.')) return issue.message;
  if (issue.code === 'invalid_type') return `It must be ${kinds[issue.expected] ?? issue.expected}.`;
  if (issue.code === 'too_small') return `It must be at least ${issue.minimum}.`;
  if (issue.code === 'too_big') return `It must be at most ${issue.maximum}.`;
  return `${issue.message}.`;
}

/** A value as a person would quote it; long ones are cut. */
export function quote(value: unknown): string {
  if (value === null) return 'An empty value';
  if (Array.isArray(value)) return 'A list';
  if (typeof value === 'object') return 'A map';
  const text = String(value);
  return `'${text.length > 60 ? `${text.slice(0, 57)}...` : text}'`;
}

const orList = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;

/** The schema of what stands at `path`, without its defaults. */
function schemaAt(schema: z.ZodType, path: ConfigPath): z.ZodType | undefined {
  let current: z.ZodType | undefined = bare(schema);
  for (const part of path) current = current && bare(below(current, part));
  return current;
}

function descriptionAt(schema: z.ZodType, path: ConfigPath): string | undefined {
  const parent = schemaAt(schema, path.slice(0, -1));
  const own = parent && below(parent, path.at(-1) ?? '');
  return own?.description;
}

function below(schema: z.ZodType, part: string | number): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return asType(schema.shape[part]);
  if (schema instanceof z.ZodRecord) return asType(schema.valueType);
  if (schema instanceof z.ZodArray) return asType(schema.element);
  return undefined;
}

function bare(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return bare(asType(schema.unwrap()));
  return schema instanceof z.ZodPipe ? bare(asType(schema.in)) : schema;
}

const asType = (value: unknown): z.ZodType | undefined => (value instanceof z.ZodType ? value : undefined);
