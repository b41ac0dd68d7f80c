import { expect, test } from '@jest/globals';
import { fieldsOf } from './schema-fields.ts';

const money = {
  type: 'object',
  properties: { currency: { type: 'string', description: 'ISO 4217' } },
  required: ['currency'],
};
const schema = {
  type: 'object',
  required: ['orderId', 'total', 'lines', 'content'],
  properties: {
    orderId: { type: 'string', format: 'uuid' },
    total: { anyOf: [money, { type: 'null' }] },
    lines: { type: 'array', items: { type: 'object', properties: { quantity: { type: 'integer' } } } },
    content: {
      anyOf: [
        { type: 'object', properties: { kind: { const: 'text' }, text: { type: 'string' } } },
        { type: 'object', properties: { kind: { enum: ['image', 'video'] } } },
      ],
    },
    state: { type: 'string', enum: ['open', 'closed'] },
  },
};

test('every field of an event is listed with its type, nested ones below their parent', () => {
  const rows = fieldsOf({ properties: { data: schema } }, 'data');
  expect(rows.map(({ path, type, isRequired }) => [path, type, isRequired])).toEqual([
    ['orderId', 'uuid', true],
    ['total', 'object or null', true],
    ['total.currency', 'text', true],
    ['lines', 'list of object', true],
    ['lines[].quantity', 'integer', false],
    ['content', 'one of the variants below', true],
    ['content(text).kind', '`text`', false],
    ['content(text).text', 'text', false],
    ['content(image/video).kind', 'one of `image`, `video`', false],
    ['state', 'one of `open`, `closed`', false],
  ]);
  expect(rows.find((row) => row.path === 'total.currency')?.description).toBe('ISO 4217');
});
