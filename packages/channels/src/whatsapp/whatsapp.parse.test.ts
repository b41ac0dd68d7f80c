import { describe, expect, test } from '@jest/globals';
import type { MessageChange } from '@crossdesk/contracts';
import { withoutPlaces } from '../conformance/places.ts';
import type { Fact, NormalisedMessage } from '../port/index.ts';
import { parseDelivery } from './whatsapp.parse.ts';
import { account, buyer, change, contacts, media, message, signed, status } from './whatsapp.samples.ts';

const parse = (body: string) => withoutPlaces(parseDelivery(account, signed(body)));

function onlyMessage(body: string): NormalisedMessage {
  const [fact] = parse(body).facts;
  if (fact?.type !== 'message') throw new Error(`expected a message, got ${fact?.type}`);
  return fact.message;
}

const contentOf = (type: string, part: unknown) => onlyMessage(message(type, part)).content;

describe('messages', () => {
  test('an image with a quoted message becomes a message of its buyer', () => {
    const image = { ...media('image/jpeg'), caption: 'broken zip', url: 'https://lookaside.example/1' };
    const body = message('image', image, { id: 'wamid.AAA', context: { from: '15550001111', id: 'wamid.PREV' } });
    const { raw, ...rest } = onlyMessage(body);
    expect(rest).toEqual({
      externalThreadId: 'BR.123',
      threadAliases: [
        { id: 'BR.123', standing: 'own' },
        { id: '5511999990000', standing: 'lent' },
      ],
      externalMessageId: 'wamid.AAA',
      direction: 'inbound',
      author: 'buyer',
      buyer,
      content: {
        kind: 'image',
        url: null,
        thumbnailUrl: null,
        mediaId: 'MEDIA1',
        mimeType: 'image/jpeg',
        fileName: null,
        caption: 'broken zip',
      },
      occurredAt: new Date('2026-01-02T03:00:00Z'),
      sequence: null,
      replyToExternalId: 'wamid.PREV',
      externalOrderIds: [],
    });
    expect(JSON.parse(raw)).toMatchObject({ id: 'wamid.AAA', image });
    expect(parse(body).deliveryKey).toBe('message:wamid.AAA:BR.123');
  });

  test('with the same id in two chats are two deliveries', () => {
    const keyOf = (from: string) =>
      parse(
        change({ messages: [{ from, id: 'wamid.S', timestamp: '1767322800', type: 'text', text: { body: 'Hi' } }] }),
      ).deliveryKey;
    expect(keyOf('5511999990001')).not.toBe(keyOf('5511999990002'));
  });

  test.each([
    ['text', { body: 'Olá' }, { kind: 'text', text: 'Olá' }],
    [
      'button',
      { text: 'Track it', payload: 'track' },
      { kind: 'choice', title: 'Track it', description: null, externalChoiceId: 'track' },
    ],
    [
      'interactive',
      { type: 'button_reply', button_reply: { id: '1', title: 'Yes' } },
      { kind: 'choice', title: 'Yes', description: null, externalChoiceId: '1' },
    ],
    [
      'interactive',
      { type: 'list_reply', list_reply: { id: '1', title: 'Refund', description: 'Within 30 days' } },
      { kind: 'choice', title: 'Refund', description: 'Within 30 days', externalChoiceId: '1' },
    ],
    [
      'interactive',
      { type: 'nfm_reply', nfm_reply: { body: 'Sent', response_json: '{' } },
      { kind: 'form', title: null, text: 'Sent', answers: [{ name: 'response', value: '{' }] },
    ],
    [
      'interactive',
      {
        type: 'nfm_reply',
        nfm_reply: {
          name: 'flow',
          response_json:
            '{"flow_token":"t","size":42,"ok":true,"colours":["red","blue"],"ship":{"city":"Lyon"},"x":null}',
        },
      },
      {
        kind: 'form',
        title: 'flow',
        text: null,
        answers: [
          { name: 'size', value: '42' },
          { name: 'ok', value: 'true' },
          { name: 'colours', value: 'red, blue' },
          { name: 'ship.city', value: 'Lyon' },
        ],
      },
    ],
    [
      'interactive',
      { type: 'nfm_reply', nfm_reply: { response_json: { flow_token: 't', size: 42, ship: { city: 'Lyon' } } } },
      {
        kind: 'form',
        title: null,
        text: null,
        answers: [
          { name: 'size', value: '42' },
          { name: 'ship.city', value: 'Lyon' },
        ],
      },
    ],
    ['interactive', { type: 'button_reply' }, { kind: 'unsupported', platformKind: 'button_reply' }],
    ['interactive', { type: 'call_permission_reply' }, { kind: 'unsupported', platformKind: 'call_permission_reply' }],
    [
      'document',
      { ...media('application/pdf'), filename: 'a.pdf' },
      expect.objectContaining({ kind: 'file', fileName: 'a.pdf' }),
    ],
    ['sticker', media('image/webp'), { kind: 'sticker', stickerId: 'MEDIA1', url: null }],
    [
      'location',
      { latitude: 1, longitude: 2, name: 'Home', address: 'A 1' },
      { kind: 'location', latitude: 1, longitude: 2, name: 'Home', address: 'A 1' },
    ],
    ['location', { latitude: 1 }, { kind: 'unsupported', platformKind: 'location' }],
    [
      'contacts',
      [
        {
          name: { formatted_name: 'Bo' },
          phones: [{ phone: '+65 1' }, { phone: '+65 2' }, {}],
          emails: [{ email: 'bo@mail.example' }],
          org: { company: 'Bo Ltd' },
        },
      ],
      {
        kind: 'contacts',
        contacts: [{ name: 'Bo', organisation: 'Bo Ltd', phones: ['+65 1', '+65 2'], emails: ['bo@mail.example'] }],
      },
    ],
    [
      'order',
      {
        catalog_id: 'C',
        text: 'Please',
        product_items: [{ product_retailer_id: 'SKU-1', quantity: 2, item_price: 19.9, currency: 'EUR' }],
      },
      {
        kind: 'cart',
        text: 'Please',
        items: [
          {
            externalProductId: 'SKU-1',
            title: null,
            quantity: '2',
            unitPrice: { amountMinor: '1990', currency: 'EUR' },
          },
        ],
      },
    ],
    ['system', { type: 'user_changed_number', body: 'New number' }, { kind: 'system', text: 'New number' }],
    ['unsupported', { type: 'poll_creation' }, { kind: 'unsupported', platformKind: 'poll_creation' }],
    ['unsupported', undefined, { kind: 'unsupported', platformKind: 'unsupported' }],
    ['text', {}, { kind: 'unsupported', platformKind: 'text' }],
  ])('%s %j is read', (type, part, content) => {
    expect(contentOf(type, part)).toEqual(content);
  });

  test.each(['NaN', '-3', -3, '1e3', null, {}])('the quantity %j of a cart counts like none', (quantity) => {
    const items = [{ externalProductId: 'SKU-1', title: null, quantity: '1', unitPrice: null }];
    expect(contentOf('order', { product_items: [{ product_retailer_id: 'SKU-1', quantity }] })).toEqual({
      kind: 'cart',
      text: null,
      items,
    });
  });

  test.each<[string, object, MessageChange, string]>([
    ['reaction', { message_id: 'wamid.OUT', emoji: '👍' }, { kind: 'reacted', emoji: '👍' }, 'wamid.OUT'],
    ['reaction', { message_id: 'wamid.OUT', emoji: '' }, { kind: 'reacted', emoji: null }, 'wamid.OUT'],
    ['reaction', { message_id: 'wamid.OUT' }, { kind: 'reacted', emoji: null }, 'wamid.OUT'],
    [
      'edit',
      { original_message_id: 'wamid.IN', message: { type: 'text', text: { body: 'new' }, context: { id: 'x' } } },
      { kind: 'edited', content: { kind: 'text', text: 'new' } },
      'wamid.IN',
    ],
    ['revoke', { original_message_id: 'wamid.IN' }, { kind: 'deleted' }, 'wamid.IN'],
  ])('%s %j changes the message it names and is none itself', (type, part, expected, externalMessageId) => {
    const told = { externalMessageId, by: 'buyer', change: expected, externalThreadId: 'BR.123', buyer };
    expect(parse(message(type, part)).facts).toMatchObject([{ type: 'change', change: told }]);
    const echo = { to: '5511999990000', to_user_id: 'BR.123', id: 'e', timestamp: '1767322800', type, [type]: part };
    expect(parse(change({ message_echoes: [echo] }, 'smb_message_echoes')).facts).toMatchObject([
      { type: 'change', change: { externalMessageId, by: 'seller' } },
    ]);
  });

  test('a deleted status deletes the message it names', () => {
    expect(parse(status('deleted')).facts).toMatchObject([
      {
        type: 'change',
        change: { externalMessageId: 'wamid.OUT', externalThreadId: '5511999990000', change: { kind: 'deleted' } },
      },
    ]);
  });

  test('what Meta tells besides the content is kept: advertisement, product and error with its class', () => {
    const referral = {
      source_url: 'https://fb.me/1',
      source_id: 'AD1',
      source_type: 'ad',
      headline: 'Sale',
      body: 'Half price',
      media_type: 'video',
      thumbnail_url: 'not an address',
    };
    const referred = { id: 'wamid.P', referred_product: { catalog_id: 'C1', product_retailer_id: 'SKU-1' } };
    const asked = onlyMessage(message('text', { body: 'Still there?' }, { referral, context: referred }));
    expect(asked.context).toEqual({
      referral: { sourceUrl: 'https://fb.me/1', headline: 'Sale', body: 'Half price', imageUrl: null, adId: 'AD1' },
      product: { externalProductId: 'SKU-1', externalCatalogId: 'C1' },
      problem: null,
    });
    const problemOf = (code: number, type: string) =>
      onlyMessage(message(type, undefined, { errors: [{ code, title: 'Title' }] })).context?.problem;
    expect(problemOf(131051, 'unsupported')).toEqual({
      class: 'UNSUPPORTED',
      code: '131051',
      message: 'error 131051: Title',
    });
    expect(problemOf(131052, 'image')).toMatchObject({ class: 'MEDIA_UNAVAILABLE' });
    expect(problemOf(500, 'image')).toMatchObject({ class: 'PLATFORM_ERROR' });
    expect(onlyMessage(message('text', { body: 'hi' })).context).toBeUndefined();
  });

  test('a message without a phone number belongs to the thread of the same buyer', () => {
    const known = onlyMessage(message('text', { body: 'one' }));
    const hidden = onlyMessage(message('text', { body: 'two' }, { from: undefined }));
    expect(hidden.externalThreadId).toBe(known.externalThreadId);
  });

  test('without a business-scoped id, the phone number identifies the buyer', () => {
    const old = change({
      contacts: [{ profile: { name: 'Ana' }, wa_id: '5511999990000' }],
      messages: [{ from: '5511999990000', id: 'w', timestamp: '1767322800', type: 'text', text: { body: 'hi' } }],
    });
    expect(onlyMessage(old)).toMatchObject({
      externalThreadId: '5511999990000',
      buyer: { phone: '+5511999990000', name: 'Ana' },
    });
  });

  test.each([
    [
      'a user id and a phone number',
      {},
      [
        { id: 'BR.123', standing: 'own' },
        { id: '5511999990000', standing: 'lent' },
      ],
    ],
    [
      'a changed number',
      { from_user_id: undefined, type: 'system', system: { type: 'user_changed_number', wa_id: '5511888880000' } },
      [
        { id: 'BR.123', standing: 'own' },
        { id: '5511888880000', standing: 'taken' },
        { id: '5511999990000', standing: 'held' },
      ],
    ],
    [
      'a rotated user id',
      { from_user_id: 'BR.9', type: 'system', system: { user_id: 'BR.9', previous_user_id: 'BR.123' } },
      [
        { id: 'BR.9', standing: 'own' },
        { id: 'BR.123', standing: 'own' },
        { id: '5511999990000', standing: 'lent' },
      ],
    ],
  ])('a message tells every id of its buyer: %s', (_of, more, aliases) => {
    const { threadAliases = [] } = onlyMessage(message('text', { body: 'hi' }, more));
    const sorted = (some: readonly { id: string }[]) => some.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(sorted(threadAliases)).toEqual(sorted(aliases));
  });

  test('in a batch each message gets the name of its own sender', () => {
    const two = [...contacts, { profile: { name: 'Bo' }, wa_id: '6591110000', user_id: 'SG.9' }];
    const sent = (id: string, from: string, userId: string) => ({
      from,
      from_user_id: userId,
      id,
      timestamp: '1767322800',
      type: 'text',
      text: { body: id },
    });
    const messages = [sent('b', '6591110000', 'SG.9'), sent('a', '5511999990000', 'BR.123')];
    const { facts, deliveryKey } = parse(change({ contacts: two, messages }));
    expect(facts.map((fact) => fact.type === 'message' && fact.message.buyer.name)).toEqual(['Bo', 'Ana']);
    expect(deliveryKey).toMatch(/^batch:[0-9a-f]{64}$/);
  });

  test('a message that the seller wrote in the phone app is outbound to its buyer', () => {
    const echo = {
      from: '15550001111',
      to: '5511999990000',
      to_user_id: 'BR.123',
      id: 'wamid.E',
      timestamp: '1767322800',
      type: 'text',
      text: { body: 'Sent' },
    };
    const body = change({ message_echoes: [echo] }, 'smb_message_echoes');
    expect(onlyMessage(body)).toMatchObject({
      direction: 'outbound',
      author: 'seller',
      externalThreadId: 'BR.123',
      buyer: { phone: '+5511999990000' },
    });
    expect(parse(body).deliveryKey).toBe('echo:wamid.E:BR.123');
  });

  test('what is not shown says its kind, why, and the number it is about', () => {
    const metadata = { phone_number_id: '777' };
    const ignored = (body: string) =>
      parse(body).facts.map((fact: Fact) =>
        fact.type === 'ignored' ? [fact.platformKind, fact.reason, fact.externalAccountId] : fact.type,
      );
    expect(ignored(message('text', { body: 'hi all' }, { group_id: 'G1' }))).toEqual([
      ['group_message', 'group', undefined],
    ]);
    expect(ignored('{"object":"page","entry":[{"changes":[{"field":"feed"}]}]}')).toEqual([
      ['page', undefined, undefined],
    ]);
    expect(ignored(change({ metadata, history: [{}] }, 'history'))).toEqual([['history', 'history', '777']]);
    expect(ignored(change({ metadata, messages: [{}] }, 'standby'))).toEqual([['standby', 'other_app', '777']]);
    expect(ignored(change({ metadata, errors: [{ code: 131_051 }, 'x'] }))).toEqual([
      ['error_131051', 'error', '777'],
      ['error_none', 'error', '777'],
    ]);
  });

  test('an id longer than a key is hashed', () => {
    const { deliveryKey } = parse(message('text', { body: 'x' }, { id: `wamid.${'A'.repeat(300)}` }));
    expect(deliveryKey).toMatch(/^batch:[0-9a-f]{64}$/);
  });
});

describe('statuses', () => {
  test.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['played', 'read'],
  ])('%s is a receipt with our reference', (word, expected) => {
    const body = status(word, { biz_opaque_callback_data: 'our-id' });
    expect(parse(body)).toEqual({
      deliveryKey: `status:wamid.OUT:${word}`,
      facts: [
        {
          type: 'receipt',
          externalMessageId: 'wamid.OUT',
          clientReference: 'our-id',
          status: expected,
          failure: null,
          detail: null,
          occurredAt: new Date('2026-01-02T03:00:01Z'),
        },
      ],
    });
  });

  test.each([
    [131047, 'WINDOW_CLOSED'],
    [131026, 'RECIPIENT_UNREACHABLE'],
    [130429, 'QUOTA'],
    [190, 'REAUTHORISE'],
    [2, 'PLATFORM_ERROR'],
    [131000, 'PLATFORM_ERROR'],
  ])('failed with error %i is %s and shows only the title', (code, failure) => {
    const errors = [
      { code, title: 'The title', message: 'to 5511999990000', error_data: { details: '5511999990000' } },
    ];
    expect(parse(status('failed', { errors })).facts).toEqual([
      expect.objectContaining({ status: 'failed', failure, detail: `error ${code}: The title` }),
    ]);
  });

  test('failed without a reason is still a failure', () => {
    expect(parse(status('failed')).facts).toEqual([
      expect.objectContaining({ status: 'failed', failure: 'PLATFORM_ERROR', detail: null }),
    ]);
  });
});
