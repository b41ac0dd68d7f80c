import {
  type ArgumentNode,
  type DefinitionNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parseType,
  print,
  type SelectionSetNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import { refusal } from '../errors.ts';
import type { Documents, PreparedDocument } from '../graphql/documents.ts';

export const eventIdsVariable = '__eventIds';

/** The query that resolves a subscription's selection for events, as a list in their order. */
export interface EventQuery {
  readonly document: PreparedDocument;
  /** The name under which the client expects the event. */
  readonly responseKey: string;
  /** The names under which the client expects the cursor. */
  readonly cursorKeys: readonly string[];
  readonly variableNames: readonly string[];
  /** The root field as the client wrote it, with its arguments. */
  readonly field: FieldNode;
}

/** The one field under `subscription`. @throws GraphQLError for any other form */
export function rootFieldOf({ selectionSet }: OperationDefinitionNode): FieldNode {
  const [field, ...others] = selectionSet.selections;
  if (field?.kind !== Kind.FIELD || others.length > 0 || (field.directives?.length ?? 0) > 0) {
    throw refusal(
      'BAD_REQUEST',
      'write one field directly under subscription, without a fragment or directive around it',
    );
  }
  return field;
}

export interface SubscriptionToRewrite {
  readonly document: PreparedDocument;
  readonly operation: OperationDefinitionNode;
  readonly field: FieldNode;
  /** The query that resolves the field's selection by ids. */
  readonly byIds: string;
}

/** Turns `subscription { events(…) {…} }` into `query { events: eventsByIds(ids: …) {…} }` with the same selection. */
export function toEventQuery(
  { document, operation, field, byIds }: SubscriptionToRewrite,
  documents: Documents,
): EventQuery {
  const responseKey = field.alias?.value ?? field.name.value;
  const used = fragmentsUnder(field, document.ast.definitions);
  const variableNames = variablesIn(field.selectionSet, used);
  const query: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    name: { kind: Kind.NAME, value: operation.name?.value ?? field.name.value },
    variableDefinitions: [
      eventIdsDefinition,
      ...(operation.variableDefinitions ?? []).filter(({ variable }) => variableNames.includes(variable.name.value)),
    ],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [eventField(field, byIds, responseKey)] },
  };
  const text = print({ kind: Kind.DOCUMENT, definitions: [query, ...used] });
  const known = documents.known(text);
  const read = known === null ? documents.read(text) : { ok: true as const, document: known };
  if (!read.ok) throw read.errors[0] ?? new GraphQLError('the subscription cannot be turned into a query');
  const cursorKeys = field.selectionSet === undefined ? [] : cursorKeysOf(field.selectionSet, used);
  return { document: known ?? documents.keep(read.document), responseKey, cursorKeys, variableNames, field };
}

const eventIdsDefinition: VariableDefinitionNode = {
  kind: Kind.VARIABLE_DEFINITION,
  variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: eventIdsVariable } },
  type: parseType('[ID!]!'),
};

function eventField(field: FieldNode, byIds: string, responseKey: string): FieldNode {
  const ids: ArgumentNode = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: 'ids' },
    value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: eventIdsVariable } },
  };
  return {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: responseKey },
    name: { kind: Kind.NAME, value: byIds },
    arguments: [ids],
    ...(field.selectionSet === undefined ? {} : { selectionSet: field.selectionSet }),
  };
}

function fragmentsUnder(field: FieldNode, definitions: readonly DefinitionNode[]): FragmentDefinitionNode[] {
  const used = new Map<string, FragmentDefinitionNode>();
  const add = (node: FieldNode | FragmentDefinitionNode) => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = definitions.find((d) => d.kind === Kind.FRAGMENT_DEFINITION && d.name.value === name.value);
        if (fragment?.kind !== Kind.FRAGMENT_DEFINITION || used.has(name.value)) return;
        used.set(name.value, fragment);
        add(fragment);
      },
    });
  };
  add(field);
  return [...used.values()];
}

function variablesIn(set: SelectionSetNode | undefined, fragments: readonly FragmentDefinitionNode[]): string[] {
  const names = new Set<string>();
  for (const node of [set, ...fragments]) {
    if (node !== undefined) visit(node, { Variable: ({ name }) => void names.add(name.value) });
  }
  return [...names];
}

function cursorKeysOf(set: SelectionSetNode, fragments: readonly FragmentDefinitionNode[]): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD)
      return selection.name.value === 'cursor' ? [selection.alias?.value ?? 'cursor'] : [];
    if (selection.kind === Kind.INLINE_FRAGMENT) return cursorKeysOf(selection.selectionSet, fragments);
    const fragment = fragments.find(({ name }) => name.value === selection.name.value);
    return fragment === undefined ? [] : cursorKeysOf(fragment.selectionSet, fragments);
  });
}
