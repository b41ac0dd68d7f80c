import { expect, test } from '@jest/globals';
import { compareSchemas } from './schema-compatibility.ts';

const uuid = { type: 'string', format: 'uuid' };
const content = {
  anyOf: [
    { type: 'object', properties: { kind: { const: 'text' }, text: { type: 'string' } }, required: ['kind', 'text'] },
    { type: 'object', properties: { kind: { enum: ['image', 'video'] }, url: { type: 'string' } }, required: ['kind'] },
  ],
};
const properties = {
  id: uuid,
  count: { type: 'integer', minimum: 0 },
  state: { type: 'string', enum: ['open', 'closed'] },
  note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  tags: { type: 'array', items: { type: 'string' } },
  detail: { type: 'string' },
  content,
};
const required = ['id', 'count', 'state', 'note', 'tags', 'content'];
const before = { type: 'object', properties, required };

function after(changed: Record<string, unknown>, requiredNow = required) {
  return { ...before, properties: { ...properties, ...changed }, required: requiredNow };
}

test('the same schema, other descriptions and new optional properties are compatible', () => {
  expect(compareSchemas(before, before)).toEqual({ breaks: [], notes: [] });
  const described = { ...after({ id: { ...uuid, description: 'who' }, extra: { type: 'number' } }), title: 'new' };
  expect(compareSchemas(before, described)).toEqual({ breaks: [], notes: [] });
});

const { id: _id, ...withoutId } = properties;
const [textVariant, imageVariant] = content.anyOf;

test.each([
  ['a removed property', { ...before, properties: withoutId, required }, '/id was removed'],
  ['a new required property', after({ extra: uuid }, [...required, 'extra']), '/extra became required'],
  ['an optional property that becomes required', after({}, [...required, 'detail']), '/detail became required'],
  ['a required property that becomes optional', after({}, required.slice(1)), '/id is no longer always there'],
  ['another type', after({ count: { type: 'string', minimum: 0 } }), '/count changed type'],
  ['a narrowed number', after({ count: { type: 'integer', minimum: 1 } }), '/count changed minimum'],
  ['a format that was not there', after({ detail: { type: 'string', format: 'uuid' } }), '/detail changed format'],
  ['a lost value', after({ state: { type: 'string', enum: ['open'] } }), '/state lost the value "closed"'],
  ['a text that becomes a list', after({ detail: { type: 'string', enum: ['a'] } }), '/detail became a closed list'],
  ['a list that opens', after({ state: { type: 'string' } }), '/state is no longer a closed list'],
  ['no more null', after({ note: { anyOf: [{ type: 'string' }] } }), '/note lost the variant type "null"'],
  ['no more choice', after({ note: { type: 'string' } }), '/note is no longer a choice'],
  [
    'a value that may now be null',
    after({ content: { anyOf: [...content.anyOf, { type: 'null' }] } }),
    '/content may now be null',
  ],
  ['a lost variant', after({ content: { anyOf: [imageVariant] } }), '/content lost the variant kind "text"'],
  [
    'a removed property of a variant',
    after({ content: { anyOf: [{ ...textVariant, properties: { kind: { const: 'text' } } }, imageVariant] } }),
    '/content<kind "text">/text was removed',
  ],
  ['other items', after({ tags: { type: 'array', items: { type: 'number' } } }), '/tags[] changed type'],
  ['no items', after({ tags: { type: 'array' } }), '/tags changed what its items are'],
  ['closed objects', { ...before, additionalProperties: false }, 'closes itself to additional properties'],
])('%s is refused', (_, changed, problem) => {
  expect(compareSchemas(before, changed).breaks.join('\n')).toContain(problem);
});

test('a new value or variant is allowed, with a note about the order of deployment', () => {
  const changed = after({
    state: { type: 'string', enum: ['open', 'closed', 'snoozed'] },
    content: { anyOf: [...content.anyOf, { type: 'object', properties: { kind: { const: 'poll' } } }] },
  });
  expect(compareSchemas(before, changed)).toEqual({
    breaks: [],
    notes: [
      '/state has the new value "snoozed"; deploy every consumer before the producer',
      '/content has the new variant kind "poll"; deploy every consumer before the producer',
    ],
  });
});
