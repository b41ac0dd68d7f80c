import type { Schema } from './schema-compatibility.ts';

/** One row of a schema table. */
export interface Field {
  /** `data.items[].unitPrice.currency` is written `items[].unitPrice.currency` below `data`. */
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function variantsOf(schema: Schema): Schema[] {
  return listOf(schema['anyOf']).filter(isSchema);
}

function isNull(schema: Schema): boolean {
  return schema['type'] === 'null';
}

/** A schema without its null, and whether it had one. */
function withoutNull(schema: Schema): { schema: Schema; isNullable: boolean } {
  const variants = variantsOf(schema);
  const [only, ...others] = variants.filter((variant) => !isNull(variant));
  const isNullable = variants.some(isNull);
  return isNullable && only !== undefined && others.length === 0
    ? { schema: only, isNullable }
    : { schema, isNullable };
}

function wordsOf(values: readonly unknown[]): string {
  return values.map((value) => `\`${String(value)}\``).join(', ');
}

function typeOf(schema: Schema): string {
  if (schema['const'] !== undefined) return wordsOf([schema['const']]);
  if (Array.isArray(schema['enum'])) return `one of ${wordsOf(schema['enum'])}`;
  const variants = variantsOf(schema).filter((variant) => !isNull(variant));
  if (variants.length > 0) return 'one of the variants below';
  switch (schema['type']) {
    case 'string':
      return { uuid: 'uuid', 'date-time': 'instant' }[String(schema['format'])] ?? 'text';
    case 'array':
      return isSchema(schema['items']) ? `list of ${typeOf(schema['items'])}` : 'list';
    default:
      return String(schema['type']);
  }
}

function nestedFields(schema: Schema, path: string): Field[] {
  if (schema['type'] === 'array' && isSchema(schema['items'])) return nestedFields(schema['items'], `${path}[]`);
  if (schema['type'] === 'object') return fieldsBelow(schema, `${path}.`);
  return variantsOf(schema).flatMap((variant) => {
    const kind = isSchema(variant['properties']) ? variant['properties']['kind'] : undefined;
    return isSchema(kind) ? fieldsBelow(variant, `${path}(${kindWords(kind)}).`) : [];
  });
}

function kindWords(kind: Schema): string {
  return listOf(kind['enum'] ?? [kind['const']]).join('/');
}

function fieldsBelow(schema: Schema, prefix: string): Field[] {
  const required = new Set(listOf(schema['required']));
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isSchema(property)) return [];
    const { schema: inner, isNullable } = withoutNull(property);
    const field: Field = {
      path: `${prefix}${name}`,
      type: `${typeOf(inner)}${isNullable ? ' or null' : ''}`,
      isRequired: required.has(name),
      description: [property['description'], inner['description'], ''].find((words) => typeof words === 'string') ?? '',
    };
    return [field, ...nestedFields(inner, `${prefix}${name}`)];
  });
}

/** The fields of an object schema, depth first; of one of its properties, if named. */
export function fieldsOf(schema: Schema, property: string | null): Field[] {
  if (property === null) return fieldsBelow(schema, '');
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const inner = properties[property];
  return isSchema(inner) ? fieldsBelow(inner, '') : [];
}
