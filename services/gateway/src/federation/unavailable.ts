import { type FieldNode, type GraphQLError, Kind, parse, type SelectionNode } from 'graphql';
import { refusal } from '../errors.ts';

/** What became of the work, and what to do. */
const advice = {
  none: 'These fields are null, the rest of the answer is there; try again in a moment.',
  'not-done': 'It was not done; try again in a moment.',
  unknown: 'It may or may not have been done: read it back before you try again.',
} as const;

/** Says which fields are missing because their service does not answer; never the address of that service. */
export function unavailable(
  subgraph: string,
  query: string,
  place: readonly (string | number)[],
  doubt: keyof typeof advice,
): GraphQLError {
  const missing = [...new Set(fieldsOf(query))];
  const where = place.filter((step) => step !== '@').join('.');
  return refusal(
    'SUBGRAPH_UNAVAILABLE',
    `${missing.join(', ')}${where === '' ? '' : ` at ${where}`} is missing: ${subgraph} does not answer. ${advice[doubt]}`,
    {
      subgraph,
      missing,
    },
  );
}

function fieldsOf(query: string): string[] {
  const operation = parse(query, { noLocation: true }).definitions.find((d) => d.kind === Kind.OPERATION_DEFINITION);
  return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections.flatMap(namesOf) : [];
}

/** `customer` for a root field, `Conversation.customer` for a field of an entity. */
function namesOf(selection: SelectionNode): string[] {
  if (selection.kind !== Kind.FIELD) return [];
  if (selection.name.value !== '_entities') return [selection.name.value];
  return (selection.selectionSet?.selections ?? []).flatMap((part) => {
    if (part.kind !== Kind.INLINE_FRAGMENT) return [];
    const type = part.typeCondition?.name.value ?? '';
    const fields = part.selectionSet.selections.filter((field): field is FieldNode => field.kind === Kind.FIELD);
    return fields.filter((field) => field.name.value !== '__typename').map((field) => `${type}.${field.name.value}`);
  });
}
