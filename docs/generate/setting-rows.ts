/** A JSON Schema as a table: one row for each setting, with its path. */

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export function settingRows(schema: Schema): readonly (readonly string[])[] {
  return rowsOf('', schema);
}

function rowsOf(path: string, schema: Schema): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const [name, inner] of Object.entries(properties)) {
    if (!isSchema(inner)) continue;
    const innerPath = path === '' ? name : `${path}.${name}`;
    rows.push([
      `\`${innerPath}\``,
      kindOf(inner),
      defaultOf(inner, required.includes(name)),
      meaningOf(inner),
    ]);
    rows.push(...nested(innerPath, inner));
  }
  return rows;
}

function nested(path: string, schema: Schema): readonly (readonly string[])[] {
  const { additionalProperties, items } = schema;
  if (isSchema(additionalProperties) && additionalProperties['type'] === 'object')
    return rowsOf(`${path}.<name>`, additionalProperties);
  if (isSchema(items) && items['type'] === 'object') return rowsOf(`${path}[]`, items);
  return schema['type'] === 'object' ? rowsOf(path, schema) : [];
}

function kindOf(schema: Schema): string {
  if (schema['const'] !== undefined) return `\`${textOf(schema['const'])}\``;
  const { enum: legal, anyOf, type, items } = schema;
  if (Array.isArray(legal)) return legal.map((value) => `\`${textOf(value)}\``).join(', ');
  if (Array.isArray(anyOf)) return anyOf.filter(isSchema).map(kindOf).join(' or ');
  if (type === 'array') return `list of ${isSchema(items) ? kindOf(items) : 'anything'}`;
  if (type === 'object') return 'settings';
  if (type === 'string') return 'text';
  if (type === 'boolean') return '`true`, `false`';
  return typeof type === 'string' ? numberText(type, schema) : 'text or number';
}

function numberText(type: string, schema: Schema): string {
  const { minimum, exclusiveMinimum, maximum } = schema;
  const from = typeof minimum === 'number' ? `from ${minimum}` : undefined;
  const above = typeof exclusiveMinimum === 'number' ? `above ${exclusiveMinimum}` : undefined;
  const isLimit = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER;
  const words = [
    type === 'integer' ? 'whole number' : 'number',
    from ?? above,
    isLimit ? `to ${maximum}` : undefined,
  ];
  return words.filter((word) => word !== undefined).join(' ');
}

function defaultOf(schema: Schema, isRequired: boolean): string {
  const value = schema['default'];
  if (value === undefined) return isRequired ? '(must be given)' : '';
  const text = textOf(value);
  return text === '{}' || text === '[]' ? '(none)' : `\`${text}\``;
}

const meaningOf = (schema: Schema): string =>
  typeof schema['description'] === 'string' ? schema['description'] : '';
