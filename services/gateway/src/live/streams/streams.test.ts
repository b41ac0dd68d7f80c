import { topics } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import { type FieldDefinitionNode, Kind, parse, print } from 'graphql';
import { supergraphSdl } from '../../../test/services.ts';
import { liveStream } from '../live-stream.ts';
import { liveStreams } from './streams.ts';

const supergraph = parse(supergraphSdl);

function fieldOf(typeName: string, name: string): FieldDefinitionNode | undefined {
  const type = supergraph.definitions.find(
    (one) => one.kind === Kind.OBJECT_TYPE_DEFINITION && one.name.value === typeName,
  );
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION) return undefined;
  return type.fields?.find((field) => field.name.value === name);
}

function typeOf(typeName: string, name: string): string | null {
  const field = fieldOf(typeName, name);
  return field === undefined ? null : print(field.type);
}

function startsOf(cursorField: string): string | null {
  const [from] = fieldOf('Query', cursorField)?.arguments ?? [];
  return from?.defaultValue === undefined ? null : `${print(from.type)} = ${print(from.defaultValue)}`;
}

test.each(liveStreams)('$field is in the schema as declared', ({ field, cursorField, byIds, topics: names }) => {
  const shown = typeOf('Subscription', field)?.replace('!', '') ?? 'nothing';
  const after = fieldOf('Subscription', field)?.arguments?.find(({ name }) => name.value === 'after');
  expect(after && print(after.type)).toBe('String');
  expect([typeOf(shown, 'id'), typeOf(shown, 'cursor')]).toEqual(['ID!', 'String']);
  expect([typeOf('Query', cursorField), startsOf(cursorField)]).toEqual(['String', 'StartPlace! = NOW']);
  const query = fieldOf('Query', byIds);
  expect(query?.arguments?.map((argument) => `${argument.name.value}: ${print(argument.type)}`)).toEqual([
    'ids: [ID!]!',
  ]);
  expect(typeOf('Query', byIds)).toBe(`[${shown}]`);
  const owners = new Set(names.map((name) => topics[name].owner.toUpperCase()));
  expect(query?.directives?.map((directive) => print(directive))).toEqual(
    [...owners].map((owner) => `@join__field(graph: ${owner})`),
  );
});

test('every subscription of the schema has a stream', () => {
  const type = supergraph.definitions.find(
    (one) => one.kind === Kind.OBJECT_TYPE_DEFINITION && one.name.value === 'Subscription',
  );
  const fields = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? type.fields?.map(({ name }) => name.value) : [];
  // It tells what is, not what happened, and has no cursor.
  const presence = 'conversationPresence';
  expect(fields?.toSorted()).toEqual([...liveStreams.map(({ field }) => field), presence].toSorted());
});

test('a declaration over topics of two services, or with an event of a topic that it lacks, is refused', () => {
  const declared = {
    field: 'f',
    cursorField: 'fCursor',
    byIds: 'fByIds',
    shown: {},
    filter: () => () => true,
  } as const;
  const ofTwo = () => liveStream({ ...declared, topics: ['ingest.account', 'conversation.agent'] });
  expect(ofTwo).toThrow('topics of ingest and conversation');
  const shown = { 'ingest.account-changed': () => null };
  expect(() => liveStream({ ...declared, shown, topics: ['ingest.delivery'] })).toThrow('has no topic ingest.account');
});
