import { expect, test } from '@jest/globals';
import { fingerprintOf } from './fingerprint.ts';

const ofText = (text: string) => fingerprintOf({ kind: 'text', text });

test('spacing and different encodings of the same letters make no difference', () => {
  expect(ofText('  Caf\u00e9 \n au\tlait ')).toBe(ofText('Cafe\u0301 au lait'));
});

test('other text, case and kinds make a difference', () => {
  expect(ofText('Yes')).not.toBe(ofText('yes'));
  expect(ofText('1234')).not.toBe(fingerprintOf({ kind: 'order', externalOrderId: '1234' }));
  expect(fingerprintOf({ kind: 'product', externalProductId: '1234', title: null, imageUrl: null })).not.toBe(
    fingerprintOf({ kind: 'order', externalOrderId: '1234' }),
  );
});
