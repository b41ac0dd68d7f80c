import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** A place in the arguments of a field that takes an id. */
export interface IdSlot {
  readonly operation: 'query' | 'mutation';
  readonly field: string;
  /** The names from the argument to the id inside it. */
  readonly path: readonly string[];
}

type Input = GraphQLArgument | GraphQLInputField;

export function nameOfSlot({ field, path }: IdSlot): string {
  return [field, ...path].join('.');
}

/** Keys that a workspace makes up, and ids that a role only compares with: another workspace may have the same. */
const chosenByPeople = new Set([
  'upsertTemplate.input.key',
  'upsertArticle.input.key',
  'saveRole.input.storeIds',
  'saveAttribute.input.key',
  'saveAttribute.input.choices.key',
  'setConversationAttributes.input.values.key',
  'createBulkJob.input.action.setAttributes.key',
  'saveMacro.input.actions.setAttributes.key',
  'recordFeedback.input.messageId',
  'upsertSurveyPolicy.input.key',
  'upsertSurveyPolicy.input.accountIds',
]);

/** `key` names the aggregate of a parked event. */
const isIdLike = (input: Input) => getNamedType(input.type).name === 'ID' || input.name === 'key';

/** `above`: the types around the inputs; a type inside itself has no other places. */
function slotsIn(inputs: readonly Input[], above: readonly string[] = []): string[][] {
  return inputs.flatMap((input) => {
    if (isIdLike(input)) return [[input.name]];
    const type = getNamedType(input.type);
    if (!isInputObjectType(type) || above.includes(type.name)) return [];
    return slotsIn(Object.values(type.getFields()), [...above, type.name]).map((path) => [input.name, ...path]);
  });
}

function fieldsOf(schema: GraphQLSchema, operation: IdSlot['operation']): GraphQLField<unknown, unknown>[] {
  const type = operation === 'query' ? schema.getQueryType() : schema.getMutationType();
  return Object.values(type?.getFields() ?? {});
}

export function idSlots(schema: GraphQLSchema): IdSlot[] {
  return (['query', 'mutation'] as const)
    .flatMap((operation) =>
      fieldsOf(schema, operation).flatMap((field) =>
        slotsIn(field.args).map((path) => ({ operation, field: field.name, path })),
      ),
    )
    .filter((slot) => !chosenByPeople.has(nameOfSlot(slot)));
}

export function queriesWithoutIds(schema: GraphQLSchema): string[] {
  return fieldsOf(schema, 'query').flatMap((field) => (slotsIn(field.args).length === 0 ? [field.name] : []));
}

/** The id for a place; undefined leaves an optional place out. */
type Fill = (path: readonly string[], isRequired: boolean) => string | undefined;

/** Values that have to name something that exists; words in every workspace begin with that of the search. */
const known: Readonly<Record<string, string>> = { consumer: 'ingest.replies', query: 'pla' };

/** A value of the type. Optional values are left out unless they are, or contain, a place that gets an id. */
function valueOf(input: Input, path: readonly string[], fill: Fill, above: readonly string[]): unknown {
  const here = [...path, input.name];
  if (isIdLike(input)) {
    const id = fill(here, isNonNullType(input.type));
    return id !== undefined && isListType(getNullableType(input.type)) ? [id] : id;
  }
  const type = getNamedType(input.type);
  if (isInputObjectType(type)) {
    // Nothing with a default is filled: a condition inside a condition has no end.
    if (input.defaultValue !== undefined || above.includes(type.name)) return undefined;
    const value = objectOf(Object.values(type.getFields()), here, fill, [...above, type.name]);
    return isNonNullType(input.type) || Object.keys(value).length > 0 ? value : undefined;
  }
  // `input.text` is optional, but one of the optional contents is required.
  const isAsked = isNonNullType(input.type) && input.defaultValue === undefined;
  return isAsked || here.join('.') === 'input.text' ? plainValue(input.name, input.type) : undefined;
}

function objectOf(
  inputs: readonly Input[],
  path: readonly string[],
  fill: Fill,
  above: readonly string[] = [],
): Record<string, unknown> {
  return Object.fromEntries(
    inputs.flatMap((input) => {
      const value = valueOf(input, path, fill, above);
      return value === undefined ? [] : [[input.name, value]];
    }),
  );
}

let clientMutations = 0;
function plainValue(name: string, type: GraphQLInputType): unknown {
  if (isListType(getNullableType(type))) return [];
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]?.name;
  if (named.name === 'Int') return 1;
  if (named.name === 'Boolean') return true;
  if (named.name === 'DateTime') return '2026-01-01T00:00:00.000Z';
  if (name !== 'clientMutationId') return known[name] ?? 'generated text';
  clientMutations += 1;
  return `generated ${clientMutations}`;
}

const depthMax = 4;
/** From here the scalars of the entries of a list can still be selected. */
const depthOfList = 4;

const isConnection = (type: GraphQLNamedType) => type.name.endsWith('Connection');

/** Every list of the schema that has pages, as `Type.field`. */
export function listsOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields())
          .filter((field) => isConnection(getNamedType(field.type)))
          .map((field) => `${type.name}.${field.name}`)
      : [],
  );
}

/** The lists in an answer that have an entry. */
export function filledLists(type: GraphQLNamedType | null | undefined, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => filledLists(type, element));
  if (!isObjectType(type) || typeof value !== 'object' || value === null) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const [inner, found] = [getNamedType(field.type), Reflect.get(value, field.name) as unknown];
    return isConnection(inner) && hasEdges(found)
      ? [`${type.name}.${field.name}`, ...filledLists(inner, found)]
      : filledLists(inner, found);
  });
}

function hasEdges(connection: unknown): boolean {
  const edges: unknown = Reflect.get(Object(connection), 'edges');
  return Array.isArray(edges) && edges.length > 0;
}

/** What is selected of a deeper list: whose entries they are. */
function shallowList(connection: GraphQLNamedType): string {
  const node = fieldType(fieldType(connection, 'edges'), 'node');
  return `{ edges { node { __typename ${fieldType(node, 'id') === null ? '' : 'id'} } } }`;
}

function fieldType(type: GraphQLNamedType | null, name: string): GraphQLNamedType | null {
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  return field === undefined ? null : getNamedType(field.type);
}

/** A short list, and a value for each argument that has to have one. */
function argumentsOf({ args }: GraphQLField<unknown, unknown>): string {
  const given = args.flatMap(({ name, type, defaultValue }) => {
    if (name === 'first') return ['first: 2'];
    if (!isNonNullType(type) || defaultValue !== undefined) return [];
    return [`${name}: ${name === 'locale' ? '"en"' : JSON.stringify(plainValue(name, type))}`];
  });
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}

/**
 * Selects all fields of a type that need no id, with short lists. A list of what it is in, such as the teams of a member
 * of a team, shows nothing new, and costs ten times as much.
 */
export function selectionOf(
  type: GraphQLNamedType,
  depth = depthMax,
  hasDeepLists = false,
  around: readonly string[] = [],
): string {
  if (isInterfaceType(type)) return '{ __typename id }';
  if (!isObjectType(type)) return '';
  const fields = Object.values(type.getFields()).flatMap((field) => {
    if (field.name.startsWith('_') || field.args.some(isIdLike)) return [];
    const inner = getNamedType(field.type);
    const args = argumentsOf(field);
    if (!isObjectType(inner)) return [`${field.name}${args}`];
    if (isListType(getNullableType(field.type)) && around.includes(inner.name)) return [];
    const rest = depth === 1 ? '' : selectionOf(inner, depth - 1, hasDeepLists, [...around, type.name]);
    const selection = hasDeepLists && isConnection(inner) && depth < depthOfList ? shallowList(inner) : rest;
    return selection === '' ? [] : [`${field.name}${args} ${selection}`];
  });
  return fields.length === 0 ? '' : `{ ${fields.join(' ')} }`;
}

export interface GeneratedOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** The operation of one field with generated arguments. Deep lists are selected on request, because they cost much. */
export function operationOf(
  schema: GraphQLSchema,
  operation: IdSlot['operation'],
  name: string,
  fill: Fill,
  hasDeepLists = false,
): GeneratedOperation {
  const field = fieldsOf(schema, operation).find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  const given = objectOf(field.args, [], fill);
  const used = field.args.filter((arg) => arg.name in given);
  const variables = used.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const args = used.map((arg) => `${arg.name}: $${arg.name}`);
  if (field.args.some((arg) => arg.name === 'first')) args.push('first: 2');
  const head = `${operation}${variables === '' ? '' : `(${variables})`}`;
  const call = `${name}${args.length === 0 ? '' : `(${args.join(', ')})`}`;
  const to = (depth: number) => `${head} { ${call} ${selectionOf(getNamedType(field.type), depth, hasDeepLists)} }`;
  let depth = depthMax;
  while (depth > 1 && tokensIn(to(depth)) > tokensMax) depth -= 1;
  return { query: to(depth), variables: given };
}

/** The gateway takes 2,000. */
const tokensMax = 1_900;

function tokensIn(query: string): number {
  return query.match(/[\w$]+|[^\s\w$,]/g)?.length ?? 0;
}

/** The answer with the given id replaced. */
export function comparable(answer: unknown, given: string): unknown {
  // Each request has a client id of its own, which comes back.
  const text = JSON.stringify(answer).replaceAll(/"clientMutationId":"generated \d+"/g, '"clientMutationId":"OWN"');
  return JSON.parse(given === '' ? text : text.replaceAll(JSON.stringify(given).slice(1, -1), 'GIVEN')) as unknown;
}

export function idOf(ids: Readonly<Record<string, string>>, kind: string): string {
  const id = ids[kind];
  if (id === undefined) throw new Error(`nothing is planted for ${kind}`);
  return id;
}
