import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql';

/** One operation that takes an id somewhere in its arguments. */
export interface GeneratedCase {
  /** `Query.conversation(id)` or `Mutation.assign(input.agentId)`. */
  readonly name: string;
  readonly query: string;
  /** The word that tells which kind of id belongs there: `conversationId`, or `conversation` for a bare `id`. */
  readonly kind: string;
  variables(id: string): Record<string, unknown>;
}

const selectionDepthMax = 3;

/** Every place in the root fields of the schema that takes an id, as an operation that can be sent. */
export function casesOf(schema: GraphQLSchema): GeneratedCase[] {
  return [schema.getQueryType(), schema.getMutationType()].flatMap((root) =>
    root == null ? [] : Object.values(root.getFields()).flatMap((field) => casesOfField(root.name, field)),
  );
}

/** The root fields that take an id anywhere: what must be covered. */
export function fieldsWithIds(schema: GraphQLSchema): string[] {
  return [...new Set(casesOf(schema).map(({ name }) => name.replace(/\(.*/, '')))];
}

function casesOfField(rootName: string, field: GraphQLField<unknown, unknown>): GeneratedCase[] {
  return field.args.flatMap((arg) =>
    idPaths(arg.type, [arg.name]).map((path) => ({
      name: `${rootName}.${field.name}(${path.join('.')})`,
      query: operationOf(rootName, field),
      kind: path.at(-1) === 'id' ? field.name : (path.at(-1) ?? ''),
      variables: (id: string) => Object.fromEntries(field.args.map((one) => [one.name, valueOf(one, path, id)])),
    })),
  );
}

function idPaths(type: GraphQLInputType, path: string[]): string[][] {
  const named = getNamedType(type);
  if (isScalarType(named)) return named.name === 'ID' ? [path] : [];
  if (!isInputObjectType(named)) return [];
  return Object.values(named.getFields()).flatMap((field) => idPaths(field.type, [...path, field.name]));
}

function operationOf(rootName: string, field: GraphQLField<unknown, unknown>): string {
  const declared = field.args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const passed = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  return `${rootName.toLowerCase()} Generated(${declared}) { ${field.name}(${passed}) ${selectionOf(field.type, 0)} }`;
}

/** All fields that need no arguments, so deep; with a first page of lists. */
export function selectionOf(type: GraphQLType, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (field.args.some((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)) return [];
    if (!isObjectType(getNamedType(field.type))) return [field.name];
    return depth >= selectionDepthMax || isListType(field.type)
      ? []
      : [`${field.name} ${selectionOf(field.type, depth + 1)}`];
  });
  return `{ ${['__typename', ...fields].join(' ')} }`;
}

function valueOf(arg: GraphQLArgument, path: readonly string[], id: string): unknown {
  if (arg.name !== path[0]) return arg.defaultValue ?? (isNonNullType(arg.type) ? sample(arg.type, [], id) : undefined);
  return sample(arg.type, path.slice(1), id);
}

/** A valid value of the type, with the id at the path. */
function sample(type: GraphQLInputType, path: readonly string[], id: string): unknown {
  if (isNonNullType(type)) return sample(type.ofType, path, id);
  if (isListType(type)) return [sample(type.ofType, path, id)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isNonNullType(field.type) || field.name === path[0] || field.name === 'text',
    );
    return Object.fromEntries(
      fields.map((field) => [field.name, sample(field.type, field.name === path[0] ? path.slice(1) : [], id)]),
    );
  }
  if (type.name === 'Int') return 1;
  if (type.name === 'Boolean') return true;
  return path.length === 0 && type.name === 'ID' ? id : `generated ${id}`;
}
