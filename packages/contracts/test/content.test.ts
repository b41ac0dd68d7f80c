import { expect, test } from '@jest/globals';
import { lineOf, type MessageContent, textOf, wordsOf } from '../src/index.ts';

const media = { url: null, thumbnailUrl: null, mediaId: 'M1', mimeType: null, fileName: null, caption: null };
const item = { title: null, unitPrice: null };

const contents: readonly [MessageContent, { words: string | null; text: string | null; line: string }][] = [
  [
    { kind: 'text', text: 'Hi' },
    { words: 'Hi', text: 'Hi', line: 'Hi' },
  ],
  [
    { kind: 'image', ...media },
    { words: null, text: null, line: '[image]' },
  ],
  [
    { kind: 'file', ...media, fileName: 'a.pdf' },
    { words: null, text: null, line: '[file] a.pdf' },
  ],
  [
    { kind: 'video', ...media, caption: 'Broken' },
    { words: 'Broken', text: 'Broken', line: 'Broken' },
  ],
  [
    { kind: 'sticker', stickerId: '1', url: null },
    { words: null, text: null, line: '[sticker]' },
  ],
  [
    { kind: 'order', externalOrderId: '57' },
    { words: null, text: null, line: '[order] 57' },
  ],
  [
    { kind: 'product', externalProductId: '9', title: null, imageUrl: null },
    { words: null, text: null, line: '[product] 9' },
  ],
  [
    { kind: 'return', externalOrderId: '57', externalProductId: null },
    { words: null, text: null, line: '[return] 57' },
  ],
  [
    { kind: 'coupon', externalCouponId: '3', title: null },
    { words: null, text: null, line: '[coupon] 3' },
  ],
  [
    {
      kind: 'cart',
      text: 'Please',
      items: [
        { ...item, externalProductId: 'SKU-1', quantity: '2' },
        { ...item, externalProductId: 'SKU-2', title: 'Bag', quantity: '1' },
      ],
    },
    { words: 'Please', text: 'Please\n2 x SKU-1\n1 x Bag', line: 'Please\n2 x SKU-1\n1 x Bag' },
  ],
  [
    { kind: 'choice', title: 'Refund', description: 'In 30 days', externalChoiceId: '1' },
    { words: 'Refund\nIn 30 days', text: 'Refund\nIn 30 days', line: 'Refund\nIn 30 days' },
  ],
  [
    { kind: 'form', title: 'flow', text: 'Sent', answers: [{ name: 'size', value: '42' }] },
    { words: 'Sent\n42', text: 'flow\nSent\nsize: 42', line: 'flow\nSent\nsize: 42' },
  ],
  [
    { kind: 'contacts', contacts: [{ name: 'Bo', organisation: null, phones: ['+65 1'], emails: ['b@x.example'] }] },
    { words: null, text: 'Bo +65 1 b@x.example', line: 'Bo +65 1 b@x.example' },
  ],
  [
    { kind: 'contacts', contacts: [] },
    { words: null, text: null, line: '[contacts]' },
  ],
  [
    { kind: 'location', latitude: 1, longitude: 2, name: 'Home', address: 'A 1' },
    { words: null, text: 'Home, A 1', line: 'Home, A 1' },
  ],
  [
    { kind: 'bundle', externalMessageIds: ['1', '2'] },
    { words: null, text: null, line: '[bundle] 2' },
  ],
  [
    { kind: 'system', text: 'Left' },
    { words: 'Left', text: 'Left', line: 'Left' },
  ],
  [
    { kind: 'unsupported', platformKind: 'poll' },
    { words: null, text: null, line: '[unsupported] poll' },
  ],
];

test.each(contents)('%j has readable words, text and line', (content, expected) => {
  expect({ words: wordsOf(content), text: textOf(content), line: lineOf(content) }).toEqual(expected);
});
