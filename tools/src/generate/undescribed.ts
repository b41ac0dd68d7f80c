import {
  type DefinitionNode,
  type DocumentNode,
  type InputValueDefinitionNode,
  Kind,
  type NameNode,
  type StringValueNode,
} from 'graphql';

interface Described {
  readonly name: NameNode;
  readonly description?: StringValueNode | undefined;
}

/** Federation's own parts of the supergraph: clients do not see them. */
const isFederations = (name: string) => /^(join|link)__/.test(name);

/** The places of a supergraph without a description: types, fields, arguments, input fields and enum values. */
export function undescribed({ definitions }: DocumentNode): string[] {
  return definitions
    .flatMap(placesOf)
    .flatMap(([place, { description }]) => (description?.value.trim() ? [] : [place]));
}

function placesOf(definition: DefinitionNode): (readonly [string, Described])[] {
  if (!('name' in definition) || definition.name === undefined || isFederations(definition.name.value)) return [];
  const type = definition.name.value;
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      // Clients begin at the fields of the root types.
      const own = ['Query', 'Mutation'].includes(type) ? [] : [[type, definition] as const];
      const fields = definition.fields ?? [];
      return [...own, ...fields.flatMap((field) => [...within(type, [field]), ...argumentsOf(type, field)])];
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return [[type, definition], ...within(type, definition.fields ?? [])];
    case Kind.ENUM_TYPE_DEFINITION:
      return [[type, definition], ...within(type, definition.values ?? [])];
    case Kind.SCALAR_TYPE_DEFINITION:
    case Kind.UNION_TYPE_DEFINITION:
      return [[type, definition]];
    default:
      return [];
  }
}

function within(type: string, parts: readonly Described[]) {
  return parts.map((part) => [`${type}.${part.name.value}`, part] as const);
}

function argumentsOf(
  type: string,
  field: { readonly name: NameNode; readonly arguments?: readonly InputValueDefinitionNode[] | undefined },
) {
  const taken = field.arguments ?? [];
  return taken.map((argument) => [`${type}.${field.name.value}(${argument.name.value}:)`, argument] as const);
}
