import { expect, test } from '@jest/globals';
import { demoBuyers } from './catalogue.ts';
import { phrases } from './phrases.ts';
import { createSeed } from './seed.ts';
import { Tokens } from './tokens.ts';
import { createTwin } from './twin.ts';

const at = (iso: string) => () => new Date(iso);
const start = at('2026-03-01T00:00:00Z');
const view = (seed: string, clock = start) => {
  const twin = createTwin({ seed, clock });
  return twin.shops().map((shop) => ({ shop, orders: twin.orders(shop) }));
};

test('the same seed gives the same shops, credentials, buyers and orders; another seed gives others', () => {
  expect(view('a')).toEqual(view('a'));
  expect(view('a')).not.toEqual(view('b'));
});

test('a later run has the same order numbers and never repeats a message id', () => {
  const orderIds = (clock: () => Date) => view('a', clock).flatMap((one) => one.orders.map((order) => order.id));
  const later = at('2026-03-01T00:00:01Z');
  expect(orderIds(start)).toEqual(orderIds(later));
  expect(orderIds(start)).not.toEqual([]);
  const ids = [start, later].flatMap((clock) => {
    const twin = createTwin({ seed: 'a', clock });
    return twin
      .shops()
      .map((shop) => twin.buyerSays({ shop, buyer: 'x', content: { kind: 'text', text: 'hi' } }).messageId);
  });
  expect(new Set(ids).size).toBe(ids.length);
});

test('tokens of an earlier run stay valid, expire in time, and belong to one shop', () => {
  let now = new Date('2026-03-01T00:00:00Z');
  const earlier = new Tokens(createSeed('a'), () => now);
  const { token } = earlier.issue('access', 'shop-1', 3_600);
  const later = new Tokens(createSeed('a'), () => now);
  expect(later.check('access', 'shop-1', token)).toBe('valid');
  expect(later.check('access', 'shop-2', token)).toBe('invalid');
  expect(later.check('refresh', 'shop-1', token)).toBe('invalid');
  expect(new Tokens(createSeed('b'), () => now).check('access', 'shop-1', token)).toBe('invalid');
  now = new Date('2026-03-01T01:00:00Z');
  expect(later.check('access', 'shop-1', token)).toBe('expired');
});

test('buyers have at least eight different messages in each of the twelve languages', () => {
  expect(Object.keys(phrases)).toHaveLength(12);
  for (const { language } of demoBuyers) {
    const said = phrases[language] ?? [];
    expect(new Set(said).size).toBeGreaterThanOrEqual(8);
    expect(said.some((words) => words.includes('{order}'))).toBe(true);
  }
});
