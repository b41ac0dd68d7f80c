import {
  type FieldNode,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import type { Fragments } from './shape.ts';

/** The length assumed for a list without `first`: channels of an account, items of an order. */
const unboundedListLength = 10;
/** Introspection is answered from memory, but the whole schema is large. */
const introspectionCost = 50;
const mutationCost = 10;

export interface CostInput {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * The most an operation may cost, known before it runs: one unit for each object in the answer, with lists as long as their
 * `first` or `ids` allows. Needs a validated document.
 */
export function costOf(operation: OperationDefinitionNode, input: CostInput): number {
  const root = input.schema.getRootType(operation.operation);
  if (root === null || root === undefined) return 0;
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)]] : [],
    ),
  );
  const walk = { ...input, variables: { ...defaults, ...input.variables }, known: new Map<string, number>() };
  const perField =
    operation.operation === OperationTypeNode.MUTATION ? mutationCost * operation.selectionSet.selections.length : 0;
  return Math.max(1, perField + costOfSet(operation.selectionSet, root, null, walk));
}

interface Walk extends CostInput {
  readonly known: Map<string, number>;
}

/** `pageSize` is the `first` of a connection, handed down to its list of edges. */
function costOfSet(set: SelectionSetNode, type: GraphQLNamedType, pageSize: number | null, walk: Walk): number {
  let cost = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      cost += costOfField(selection, type, pageSize, walk);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      const narrowed = condition === undefined ? type : (walk.schema.getType(condition) ?? type);
      cost += costOfSet(selection.selectionSet, narrowed, pageSize, walk);
    } else {
      cost += costOfSpread(selection.name.value, type, pageSize, walk);
    }
  }
  return cost;
}

function costOfSpread(name: string, type: GraphQLNamedType, pageSize: number | null, walk: Walk): number {
  const key = `${name} ${type.name} ${pageSize}`;
  const known = walk.known.get(key);
  if (known !== undefined) return known;
  const fragment = walk.fragments.get(name);
  const cost = fragment === undefined ? 0 : costOfSet(fragment, type, pageSize, walk);
  walk.known.set(key, cost);
  return cost;
}

function costOfField(node: FieldNode, type: GraphQLNamedType, pageSize: number | null, walk: Walk): number {
  if (node.name.value.startsWith('__')) return node.selectionSet === undefined ? 0 : introspectionCost;
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
  if (field === undefined || node.selectionSet === undefined) return 0;
  const below = getNamedType(field.type);
  if (!isCompositeType(below)) return 0;
  const first = firstOf(node, field, walk.variables) ?? idsIn(node, field, walk.variables);
  if (isListType(getNullableType(field.type))) {
    const length = first ?? pageSize ?? unboundedListLength;
    return length * (1 + costOfSet(node.selectionSet, below, null, walk));
  }
  return 1 + costOfSet(node.selectionSet, below, first, walk);
}

/** How many ids a field is asked for: its list is as long. */
function idsIn(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Readonly<Record<string, unknown>>,
): number | null {
  if (field.args.every((arg) => arg.name !== 'ids')) return null;
  const given = node.arguments?.find((arg) => arg.name.value === 'ids')?.value;
  if (given?.kind === Kind.LIST) return given.values.length;
  const value = given?.kind === Kind.VARIABLE ? variables[given.name.value] : undefined;
  return Array.isArray(value) ? value.length : 1;
}

function firstOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Readonly<Record<string, unknown>>,
): number | null {
  const declared = field.args.find((arg) => arg.name === 'first');
  if (declared === undefined) return null;
  const given = node.arguments?.find((arg) => arg.name.value === 'first')?.value;
  const value =
    given?.kind === Kind.VARIABLE
      ? variables[given.name.value]
      : given?.kind === Kind.INT
        ? Number(given.value)
        : undefined;
  const length = value ?? declared.defaultValue;
  return typeof length === 'number' && length > 0 ? length : 0;
}
