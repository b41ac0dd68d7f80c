import type { Schema } from './schema-compatibility.ts';

const primitives: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** The TypeScript type of a JSON Schema, as far as event schemas use it. @throws Error for any other schema */
export function typeOfSchema(schema: Schema, depth: number): string {
  const { anyOf, const: only, enum: words, items, properties, type } = schema;
  if (Array.isArray(anyOf)) return anyOf.map((variant) => typeOfSchema(schemaIn(variant), depth)).join(' | ');
  if (only !== undefined) return literal(only);
  if (Array.isArray(words)) return words.map(literal).join(' | ');
  if (type === 'array') return `ReadonlyArray<${typeOfSchema(schemaIn(items), depth)}>`;
  if (type === 'object') return objectType(schemaIn(properties), schema['required'], depth);
  const primitive = primitives[String(type)];
  if (primitive === undefined) throw new Error(`there is no TypeScript type for ${JSON.stringify(schema)}`);
  return primitive;
}

function objectType(properties: Schema, required: unknown, depth: number): string {
  const always = new Set<unknown>(Array.isArray(required) ? required : []);
  const pad = '  '.repeat(depth + 1);
  const fields = Object.entries(properties).map(([name, value]) => {
    const property = schemaIn(value);
    const { description } = property;
    const comment = typeof description === 'string' ? `${pad}/** ${description} */\n` : '';
    return `${comment}${pad}readonly ${name}${always.has(name) ? '' : '?'}: ${typeOfSchema(property, depth + 1)};`;
  });
  return `{\n${fields.join('\n')}\n${'  '.repeat(depth)}}`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

function schemaIn(value: unknown): Schema {
  if (typeof value !== 'object' || value === null) throw new Error('a part of a schema is missing');
  return value as Schema;
}
