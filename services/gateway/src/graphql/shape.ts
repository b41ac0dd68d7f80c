import { type DocumentNode, type GraphQLError, Kind, type SelectionSetNode } from 'graphql';
import { refusal } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';

type ShapeLimits = Pick<GatewayLimits, 'depthMax' | 'aliasesMax' | 'rootFieldsMax' | 'directivesMax'>;

interface Shape {
  aliases: number;
  directives: number;
}

/**
 * Checks the size of a document before it is validated: the time of validation is quadratic in some of these numbers.
 * Aliases and directives count as written; levels and root fields include those inside fragments.
 */
export function checkShape(document: DocumentNode, limits: ShapeLimits): GraphQLError[] {
  const fragments = fragmentsOf(document);
  const shape: Shape = { aliases: 0, directives: 0 };
  let depth = 0;
  let rootFields = 0;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    shape.directives += definition.directives?.length ?? 0;
    count(definition.selectionSet, shape);
    depth = Math.max(depth, depthOf(definition.selectionSet, fragments, new Map()));
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      rootFields = Math.max(rootFields, rootFieldsOf(definition.selectionSet, fragments).length);
    }
  }
  return [
    ...tooMuch('levels of fields', depth, limits.depthMax),
    ...tooMuch('aliases', shape.aliases, limits.aliasesMax),
    ...tooMuch('directives', shape.directives, limits.directivesMax),
    ...tooMuch('root fields', rootFields, limits.rootFieldsMax),
  ];
}

function tooMuch(unit: string, actual: number, limit: number): GraphQLError[] {
  if (actual <= limit) return [];
  return [
    refusal('QUERY_TOO_LARGE', `this document has ${actual} ${unit}; at most ${limit} are allowed`, {
      unit,
      actual,
      limit,
    }),
  ];
}

export type Fragments = ReadonlyMap<string, SelectionSetNode>;

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  return fragments;
}

/** The root fields of an operation, those inside fragments included, each as often as it would run. */
export function rootFieldsOf(set: SelectionSetNode, fragments: Fragments, seen = new Set<string>()): string[] {
  return set.selections.flatMap((selection): string[] => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFieldsOf(selection.selectionSet, fragments, seen);
    const name = selection.name.value;
    const fragment = fragments.get(name);
    // A fragment's fields merge with themselves: spreading it again adds nothing.
    if (fragment === undefined || seen.has(name)) return [];
    seen.add(name);
    return rootFieldsOf(fragment, fragments, seen);
  });
}

function count(set: SelectionSetNode, shape: Shape): void {
  for (const selection of set.selections) {
    shape.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD && selection.alias !== undefined) shape.aliases += 1;
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined)
      count(selection.selectionSet, shape);
  }
}

/** Each fragment is measured once, so nested fragments cost no more than their text. */
function depthOf(set: SelectionSetNode, fragments: Fragments, known: Map<string, number>): number {
  let deepest = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      deepest = Math.max(deepest, depthOfFragment(selection.name.value, fragments, known));
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      deepest = Math.max(deepest, depthOf(selection.selectionSet, fragments, known));
    } else {
      const isIntrospection = selection.name.value.startsWith('__');
      const below =
        isIntrospection || selection.selectionSet === undefined ? 0 : depthOf(selection.selectionSet, fragments, known);
      deepest = Math.max(deepest, 1 + below);
    }
  }
  return deepest;
}

function depthOfFragment(name: string, fragments: Fragments, known: Map<string, number>): number {
  const measured = known.get(name);
  if (measured !== undefined) return measured;
  // Ends a cycle of fragments; validation refuses the cycle later.
  known.set(name, 0);
  const fragment = fragments.get(name);
  const depth = fragment === undefined ? 0 : depthOf(fragment, fragments, known);
  known.set(name, depth);
  return depth;
}
