import { expect, test } from '@jest/globals';
import { replyContent } from './message.domain.ts';

test.each([
  [{ text: 'Hello' }, { kind: 'text', text: 'Hello' }],
  [{ imageUrl: 'https://cdn.example.com/a.png' }, { kind: 'image', url: 'https://cdn.example.com/a.png' }],
  [
    { imageUrl: ' https://CDN.example.com/a b\n"><script>' },
    { kind: 'image', url: 'https://cdn.example.com/a%20b%22%3E%3Cscript%3E' },
  ],
  [{ externalOrderId: 'A-1' }, { kind: 'order', externalOrderId: 'A-1' }],
  [{ externalProductId: 'P-1' }, { kind: 'product', externalProductId: 'P-1' }],
  [{ text: 'x'.repeat(10_000), imageUrl: null }, { kind: 'text' }],
])('%j can be sent', (input, content) => {
  expect(replyContent(input)).toMatchObject({ ok: true, value: content });
});

test.each([
  ['nothing', {}, 'text'],
  ['two things', { text: 'a', externalOrderId: 'b' }, 'text'],
  ['blanks', { text: ' \n ' }, 'text'],
  ['an image without encryption', { imageUrl: 'http://cdn.example.com/a.png' }, 'imageUrl'],
  ['an image that is no address', { imageUrl: 'a.png' }, 'imageUrl'],
  ['an image with a script for an address', { imageUrl: 'javascript:alert(1)' }, 'imageUrl'],
  ['an image with a password in its address', { imageUrl: 'https://user:pw@cdn.example.com/a.png' }, 'imageUrl'],
  [
    'an image whose address is too long when encoded',
    { imageUrl: `https://a.example/${'😀'.repeat(900)}` },
    'imageUrl',
  ],
  ['an empty product', { externalProductId: '' }, 'externalProductId'],
])('%s cannot be sent', (_, input, field) => {
  expect(replyContent(input)).toMatchObject({ ok: false, errors: [{ code: 'INVALID_INPUT', path: ['input', field] }] });
});
