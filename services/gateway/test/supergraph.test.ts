import { expect, test } from '@jest/globals';
import { type ConstDirectiveNode, type FieldDefinitionNode, Kind, parse, print, type TypeNode } from 'graphql';
import { supergraphSdl } from './services.ts';

interface Join {
  readonly graph: string;
  /** False for a type that this subgraph only refers to by its key. */
  readonly isResolvable: boolean;
}

function joinsOf(directives: readonly ConstDirectiveNode[] = [], name: string): Join[] {
  return directives
    .filter((directive) => directive.name.value === name)
    .map(({ arguments: given = [] }) => {
      const value = (argument: string) => {
        const found = given.find((candidate) => candidate.name.value === argument);
        return found === undefined ? '' : print(found.value);
      };
      return { graph: value('graph'), isResolvable: value('resolvable') !== 'false' };
    });
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

/** The fields whose null would remove data of another service from the answer. */
function fieldsThatCross(sdl: string): string[] {
  const objects = parse(sdl).definitions.filter((definition) => definition.kind === Kind.OBJECT_TYPE_DEFINITION);
  const types = new Map(objects.map((type) => [type.name.value, type]));
  types.delete('Subscription');
  const crosses = (typeName: string, field: FieldDefinitionNode): boolean => {
    if (typeName === 'Query' || typeName === 'Mutation') return true;
    const owner = types.get(typeName);
    const graphs = joinsOf(field.directives, 'join__field').map(({ graph }) => graph);
    const own = graphs.length > 0 ? graphs : joinsOf(owner?.directives, 'join__type').map(({ graph }) => graph);
    const target = joinsOf(types.get(nameOf(field.type))?.directives, 'join__type');
    if (target.some(({ graph, isResolvable }) => !isResolvable && own.includes(graph))) return true;
    return graphs.length === 1 && graphs[0] !== homeOf(owner?.fields ?? []);
  };
  return [...types].flatMap(([typeName, { fields = [] }]) =>
    fields
      .filter((field) => field.type.kind === Kind.NON_NULL_TYPE && crosses(typeName, field))
      .map(({ name, type }) => `${typeName}.${name.value}: ${print(type)}`),
  );
}

/** The subgraph with the most fields of a type. */
function homeOf(fields: readonly FieldDefinitionNode[]): string | undefined {
  const counts = Map.groupBy(
    fields.flatMap(({ directives }) => joinsOf(directives, 'join__field')).map(({ graph }) => graph),
    (graph) => graph,
  );
  return [...counts].toSorted(([, some], [, others]) => others.length - some.length)[0]?.[0];
}

test('every field that another service may leave empty is nullable, so that its null removes nothing else', () => {
  expect(fieldsThatCross(supergraphSdl)).toEqual([]);
});
