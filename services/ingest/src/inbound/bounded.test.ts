import { expect, test } from '@jest/globals';
import { idCharactersMax, keyOfId, type NormalisedMessage } from '@crossdesk/channels/adapters';
import type { MessageContent, PlatformOrder } from '@crossdesk/contracts';
import { withWebAddresses } from './web-addresses.ts';
import { bounded, orderItemsBytesMax, shownTextCharactersMax } from './bounded.ts';

const at = new Date('2026-01-02T03:04:05Z');
const buyer = {
  externalId: 'b',
  commerceId: null,
  name: 'Ana',
  phone: null,
  email: null,
  avatarUrl: null,
  locale: null,
};
const message: NormalisedMessage = {
  externalThreadId: 't',
  externalMessageId: 'm',
  direction: 'inbound',
  author: 'buyer',
  buyer,
  content: { kind: 'text', text: 'hi' },
  occurredAt: at,
  sequence: '7',
  replyToExternalId: null,
  externalOrderIds: ['o'],
  raw: '{}',
};

function boundedMessage(part: Partial<NormalisedMessage>) {
  const fact = bounded({ type: 'message', message: { ...message, ...part } });
  if (fact.type !== 'message') throw new Error('another fact');
  return fact.message;
}

test('an ordinary message stays as it is', () => {
  expect(boundedMessage({})).toEqual(message);
});

test('a long id becomes a key of bounded length, different for different ids, the same when cut again', () => {
  const ids = ['x'.repeat(3_000), `${'x'.repeat(3_000)}1`, '😀'.repeat(200)];
  const keys = ids.map(keyOfId);
  expect(new Set(keys).size).toBe(3);
  for (const key of keys) {
    expect(key.length).toBeLessThanOrEqual(idCharactersMax);
    expect(key.isWellFormed()).toBe(true);
    expect(keyOfId(key)).toBe(key);
  }
  const long = boundedMessage({ externalThreadId: ids[0] ?? '', replyToExternalId: ids[1] ?? '' });
  expect([long.externalThreadId, long.replyToExternalId]).toEqual(keys.slice(0, 2));
});

test('a long text is shown in part and kept whole', () => {
  const text = '😀'.repeat(135_000);
  const { content, wholeText } = boundedMessage({ content: { kind: 'text', text } });
  expect(wholeText).toBe(text);
  expect(content.kind === 'text' && content.text.length).toBe(shownTextCharactersMax - 1);
  expect(content.kind === 'text' && content.text.endsWith('😀…')).toBe(true);
});

test.each<[string, MessageContent, MessageContent]>([
  [
    'an address that is too long is left out, because part of it leads nowhere',
    { kind: 'sticker', stickerId: 's', url: `https://a.example/${'x'.repeat(9_000)}` },
    { kind: 'sticker', stickerId: 's', url: null },
  ],
  [
    'a long name is cut',
    { kind: 'location', latitude: 1, longitude: 2, name: 'n'.repeat(2_000), address: null },
    { kind: 'location', latitude: 1, longitude: 2, name: `${'n'.repeat(999)}…`, address: null },
  ],
])('%s', (_title, content, expected) => {
  expect(boundedMessage({ content }).content).toEqual(expected);
});

test('every field of a message that a sender can fill is bounded', () => {
  const huge = 'x'.repeat(1_000_000);
  const made = boundedMessage({
    externalThreadId: huge,
    externalMessageId: huge,
    sequence: '1'.repeat(1_000_000),
    replyToExternalId: huge,
    externalOrderIds: Array.from({ length: 5_000 }, () => huge),
    buyer: { externalId: huge, commerceId: huge, name: huge, phone: huge, email: huge, avatarUrl: huge, locale: huge },
    content: {
      kind: 'image',
      url: huge,
      thumbnailUrl: huge,
      mediaId: huge,
      mimeType: huge,
      fileName: huge,
      caption: huge,
    },
  });
  const { wholeText, ...shown } = made;
  expect(wholeText).toBe(huge);
  expect(JSON.stringify(shown).length).toBeLessThan(64 * 1024);
});

test('a change is bounded as the message it names', () => {
  const huge = 'x'.repeat(40_000);
  const answers = Array.from({ length: 300 }, () => ({ name: huge, value: huge }));
  const change = { kind: 'edited', content: { kind: 'form', title: huge, text: huge, answers } } as const;
  const told = { externalThreadId: huge, externalMessageId: huge, by: 'buyer', buyer, change, occurredAt: at } as const;
  const fact = bounded({ type: 'change', change: told });
  expect(JSON.stringify(fact).length).toBeLessThan(128 * 1024);
  expect(fact).toMatchObject({
    change: { externalMessageId: boundedMessage({ externalMessageId: huge }).externalMessageId },
  });
});

test.each([
  ['https://CDN.example/"><script>alert(1)</script>', 'https://cdn.example/%22%3E%3Cscript%3Ealert(1)%3C/script%3E'],
  ['https://cdn.exa\nmple/a\r\n b?q="<', 'https://cdn.example/a%20b?q=%22%3C'],
  ['https://user:pw@cdn.example/a', 'https://cdn.example/a'],
  ['http://cdn.example/a?sign=%2b%2F', 'http://cdn.example/a?sign=%2b%2F'],
  ['javascript:alert(1)', null],
  ['data:text/html,<script>', null],
  ['//cdn.example/a', null],
  ['a.png', null],
  ['', null],
])('the address %j is shown as %j in every field of a fact', (sent, shown) => {
  const referral = { sourceUrl: sent, headline: sent, body: null, imageUrl: sent, adId: null };
  const media = { kind: 'image', url: sent, thumbnailUrl: sent, mediaId: sent, mimeType: null } as const;
  const told: NormalisedMessage = {
    ...message,
    buyer: { ...buyer, avatarUrl: sent },
    content: { ...media, fileName: null, caption: sent },
    context: { referral, product: null, problem: null },
  };
  expect(withWebAddresses(told)).toEqual({
    ...told,
    buyer: { ...buyer, avatarUrl: shown },
    content: { ...told.content, url: shown, thumbnailUrl: shown },
    context: { ...told.context, referral: { ...referral, sourceUrl: shown, imageUrl: shown } },
  });
  expect(withWebAddresses({ items: [{ title: sent, imageUrl: sent }] })).toEqual({
    items: [{ title: sent, imageUrl: shown }],
  });
});

test('an order keeps the items that fit and says how many are left out', () => {
  const item = (n: number): PlatformOrder['items'][number] => ({
    externalItemId: `item-${n}`,
    sku: 's'.repeat(40),
    title: 'A lamp that can be dimmed, with a long cable',
    variant: 'white',
    imageUrl: `https://cdn.example/pictures/${n}.jpg`,
    quantity: 1,
    unitPrice: null,
  });
  const order: PlatformOrder = {
    externalOrderId: 'o',
    state: 'to_ship',
    platformState: 'READY',
    buyerExternalId: null,
    buyerName: null,
    total: null,
    recipient: null,
    items: Array.from({ length: 1_200 }, (_, n) => item(n)),
    shipments: [],
    placedAt: at.toISOString(),
    platformUpdatedAt: at.toISOString(),
  };
  const fact = bounded({ type: 'order', order });
  const kept = fact.type === 'order' ? fact.order : order;
  expect(kept.items.length + (kept.itemsOmitted ?? 0)).toBe(1_200);
  expect(kept.itemsOmitted).toBeGreaterThan(0);
  expect(JSON.stringify(kept.items).length).toBeLessThanOrEqual(orderItemsBytesMax);
  expect(bounded({ type: 'order', order: { ...order, items: order.items.slice(0, 3) } })).not.toHaveProperty(
    'order.itemsOmitted',
  );
});

test.each([
  ['👍', '👍'],
  ['❤️', '❤️'],
  ['\u2800', null],
  [' \u200d\ufe0f', null],
  ['', null],
])('the reaction %j is shown as %j', (emoji, shown) => {
  const nothing = { commerceId: null, name: null, phone: null, email: null, avatarUrl: null, locale: null };
  const change = {
    externalThreadId: 't',
    externalMessageId: 'm',
    by: 'buyer',
    buyer: { externalId: 'b', ...nothing },
    change: { kind: 'reacted', emoji },
    occurredAt: at,
  } as const;
  expect(bounded({ type: 'change', change })).toMatchObject({ change: { change: { kind: 'reacted', emoji: shown } } });
});
