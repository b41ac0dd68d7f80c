import type { Channel } from '@crossdesk/channels';

/** A body that somebody with the secret of an account could send. */
export interface HostileBody {
  readonly channel: Channel;
  readonly name: string;
  /** Made when it is needed: all of them are 400 MB. */
  readonly make: () => string;
}

const bytesMax = 3 * 1024 * 1024;
const now = '2026-01-02T03:04:05Z';
const nowSeconds = 1_767_323_045;

/** Values that cost time or memory when they are matched, split, sorted, stored or shown. */
const values: Readonly<Record<string, unknown>> = {
  slashes: '/'.repeat(40_000),
  spaces: `x${' '.repeat(40_000)}x`,
  digits: '9'.repeat(40_000),
  signs: `${'-+()'.repeat(10_000)}x`,
  mails: `${'a@'.repeat(20_000)}a`,
  dots: `1${'.1'.repeat(20_000)}`,
  address: `https://${'a.'.repeat(20_000)}/`,
  instant: `2026-01-01T00:00:00.${'0'.repeat(40_000)}Z`,
  locale: `en-${'x-'.repeat(20_000)}`,
  escapes: '\u0000\ud800"\\'.repeat(5_000),
  combining: `e${'\u0301'.repeat(20_000)}`,
  json: '{"a":'.repeat(20_000),
  nothing: null,
  list: Array.from({ length: 20_000 }, (_, n) => n),
  object: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`key ${n}`, n])),
  negative: -1e308,
};

const samples: Readonly<Record<Channel, readonly unknown[]>> = {
  generic: [
    {
      type: 'message.created',
      timestamp: now,
      data: {
        conversationKey: 'C',
        externalId: 'M',
        author: { id: 'b', name: 'Ana', phone: '+5511999990000', email: 'a@b.example', locale: 'pt-BR' },
        text: 'hi',
        orderRef: 'O',
        inReplyTo: 'N',
        attachments: [{ url: 'https://cdn.example/a.jpg', mime: 'image/jpeg', name: 'a.jpg' }],
      },
    },
    {
      type: 'order.updated',
      timestamp: now,
      data: {
        id: 'O',
        state: 'to_ship',
        placedAt: now,
        updatedAt: now,
        buyer: { id: 'b', name: 'Ana' },
        total: { amount: '19.90', currency: 'EUR' },
        recipient: { name: 'Ana', phone: '+5511999990000', city: 'Rio', region: 'BR' },
        items: [{ id: 'i', title: 'Lamp', quantity: 1, unitPrice: { amount: '19.90', currency: 'EUR' } }],
        shipments: [{ id: 's', carrier: 'DHL', trackingNumber: 'T', state: 'in_transit', updatedAt: now }],
      },
    },
  ],
  whatsapp: [
    whatsapp({
      contacts: [{ wa_id: '5511999990000', profile: { name: 'Ana' } }],
      messages: [
        { id: 'wamid.1', from: '5511999990000', timestamp: String(nowSeconds), type: 'text', text: { body: 'hi' } },
        {
          id: 'wamid.2',
          from: '5511999990000',
          timestamp: String(nowSeconds),
          type: 'image',
          image: { id: '1', mime_type: 'image/jpeg', caption: 'c' },
        },
      ],
      statuses: [{ id: 'wamid.3', status: 'delivered', timestamp: String(nowSeconds), recipient_id: '1' }],
    }),
  ],
  shopee: [
    shopee(10, {
      type: 'message',
      region: 'SG',
      content: {
        message_id: '2400000000000000002',
        from_id: 700900001,
        from_user_name: 'buyer_a',
        to_id: 700900002,
        message_type: 'text',
        content: { text: 'When will it ship?' },
        conversation_id: '700000000000000009',
        created_timestamp: nowSeconds,
        source_content: { order_sn: '260101ABCDEF12' },
        quoted_msg: { message_id: '' },
      },
    }),
    shopee(3, { ordersn: '260101ABCDEF12', status: 'SHIPPED', update_time: nowSeconds }),
  ],
  'tiktok-shop': [
    tiktok(14, {
      content: '{"content":"When will it ship?"}',
      conversation_id: '7494560109732334261',
      message_id: '7000000000000000003',
      create_time: nowSeconds,
      is_visible: true,
      index: '7000000000000000004',
      type: 'TEXT',
      sender: { im_user_id: '7000000000000000005', role: 'BUYER' },
    }),
    tiktok(1, { order_id: '576461413038785752', order_status: 'AWAITING_SHIPMENT', update_time: nowSeconds }),
  ],
};

function whatsapp(value: object): object {
  const full = { messaging_product: 'whatsapp', metadata: { phone_number_id: 'hostile' }, ...value };
  return { object: 'whatsapp_business_account', entry: [{ id: 'W', changes: [{ field: 'messages', value: full }] }] };
}

function shopee(code: number, data: unknown): object {
  return { msg_id: '', code, shop_id: 700100200, timestamp: nowSeconds, data };
}

function tiktok(type: number, data: unknown): object {
  return {
    type,
    tts_notification_id: '7000000000000000001',
    shop_id: '7490000000000000001',
    timestamp: nowSeconds,
    data,
  };
}

/** Every field of every sample with each of the values, and the largest bodies of each shape. */
export function hostileBodies(): { readonly mutated: HostileBody[]; readonly largest: HostileBody[] } {
  const channels: readonly Channel[] = ['generic', 'whatsapp', 'shopee', 'tiktok-shop'];
  const shaped = channels.flatMap((channel) =>
    Object.entries(arraysOf[channel]).map(([name, shape]) => ({ channel, name, make: () => JSON.stringify(shape()) })),
  );
  const plain = Object.entries(texts).map(([name, make]) => ({ channel: 'generic' as const, name, make }));
  return {
    mutated: channels.flatMap((channel) => samples[channel].flatMap((sample) => mutationsOf(channel, sample))),
    largest: [...shaped, ...plain],
  };
}

function mutationsOf(channel: Channel, sample: unknown): HostileBody[] {
  return pathsOf(sample).flatMap((path) =>
    Object.entries(values).map(([name, value]) => ({
      channel,
      name: `${path.join('.')} = ${name}`,
      make: () => JSON.stringify(replaced(sample, path, value)),
    })),
  );
}

function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return Object.entries(value).flatMap(([key, part]) => pathsOf(part).map((path) => [key, ...path]));
}

function replaced(value: unknown, [key, ...path]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((part, n) => (String(n) === key ? replaced(part, path, by) : part));
  return { ...Object(value), [key]: replaced(Reflect.get(Object(value), key), path, by) };
}

/** Longer than any platform allows; everybody behind ingest gets a part of it. */
const longText = '文'.repeat(90_000) + 'x'.repeat(180_000);

/** As many elements as fit into the largest body that is still read. */
function many(element: (n: number) => unknown): unknown[] {
  const json = JSON.stringify(element(99_999));
  const values = 1 + [...json.matchAll(/[,[{]/g)].length;
  const count = Math.min(Math.floor(bytesMax / (json.length + 1)) - 100, Math.floor(49_900 / values));
  return Array.from({ length: count }, (_, n) => element(n));
}

const arraysOf: Readonly<Record<Channel, Readonly<Record<string, () => unknown>>>> = {
  generic: {
    attachments: () => genericMessage({ attachments: many((n) => ({ url: `https://a.example/${n}` })) }),
    'broken attachments': () => genericMessage({ attachments: many((n) => ({ url: `http://a.example/${n}` })) }),
    'attachments of a long message': () =>
      genericMessage({
        externalId: 'm'.repeat(800_000),
        inReplyTo: 'r'.repeat(800_000),
        author: { id: 'b'.repeat(800_000) },
        attachments: many((n) => ({ url: `https://a.example/${n}` })).slice(0, 10_000),
      }),
    text: () => genericMessage({ text: '文'.repeat(bytesMax / 3 - 1_000) }),
    id: () => genericMessage({ externalId: 'x'.repeat(bytesMax - 1_000) }),
    'author name': () => genericMessage({ author: { id: 'b', name: 'x'.repeat(bytesMax - 1_000) } }),
    items: () => genericOrder({ items: many((n) => ({ id: `i${n}`, title: 'Lamp', quantity: 1 })) }),
    'order of 1,200 lines': () =>
      genericOrder({
        id: 'long',
        items: many((n) => ({ id: `i${n}`, title: `Lamp ${'x'.repeat(250)}`, quantity: 1 })).slice(0, 1_200),
      }),
    shipments: () => genericOrder({ shipments: many((n) => ({ id: `s${n}`, trackingNumber: `T${n}` })) }),
  },
  whatsapp: {
    'messages of one buyer': () => whatsapp({ messages: many((n) => whatsappText(n, '5511999990000')) }),
    'messages of many buyers': () => whatsapp({ messages: many((n) => whatsappText(n, String(5_511_000_000 + n))) }),
    'messages and contacts': () =>
      whatsapp({
        messages: many((n) => whatsappText(n, String(5_511_000_000 + n))).slice(0, 14_000),
        contacts: many((n) => ({ wa_id: String(5_511_000_000 + n), profile: { name: 'A' } })).slice(0, 20_000),
      }),
    'long texts': () =>
      whatsapp({
        messages: Array.from({ length: 6 }, (_, n) => ({
          ...Object(whatsappText(100_000 + n, '5511999990000')),
          text: { body: longText },
        })),
      }),
    statuses: () =>
      whatsapp({ statuses: many((n) => ({ id: `w${n}`, status: 'read', timestamp: String(nowSeconds) })) }),
    'broken messages': () => whatsapp({ messages: many(() => 1) }),
    numbers: () => ({
      object: 'whatsapp_business_account',
      entry: many((n) => ({
        changes: [
          {
            field: 'messages',
            value: { metadata: { phone_number_id: `${n}` }, messages: [whatsappText(n, '5511999990000')] },
          },
        ],
      })),
    }),
    entries: () => ({ object: 'whatsapp_business_account', entry: many(() => ({})) }),
  },
  shopee: {
    text: () =>
      shopee(10, { type: 'message', content: { message_type: 'text', content: { text: 'x'.repeat(3_000_000) } } }),
    'long text': () =>
      shopee(10, {
        type: 'message',
        region: 'SG',
        content: {
          message_id: '2400000000000000003',
          from_id: 700900001,
          from_shop_id: 0,
          to_id: 700900002,
          to_shop_id: 700100200,
          message_type: 'text',
          content: { text: longText },
          conversation_id: '700000000000000009',
          created_timestamp: nowSeconds,
        },
      }),
    shops: () => shopee(2, { shop_id_list: many((n) => n), success: 1 }),
    merchants: () => shopee(12, { shop_expire_soon: many((n) => n), merchant_id_list: [1] }),
    items: () =>
      shopee(3, { ordersn: '1', status: 'SHIPPED', update_time: nowSeconds, items: many((n) => ({ id: n })) }),
  },
  'tiktok-shop': {
    text: () => tiktok(14, { type: 'TEXT', message_id: '1', conversation_id: '2', content: 'x'.repeat(3_000_000) }),
    'long text': () => ({
      ...tiktok(14, {
        content: JSON.stringify({ content: longText }),
        conversation_id: '7494560109732334261',
        message_id: '7000000000000000009',
        create_time: nowSeconds,
        is_visible: true,
        index: '7000000000000000009',
        type: 'TEXT',
        sender: { im_user_id: '7000000000000000005', role: 'BUYER' },
      }),
      tts_notification_id: '7000000000000000002',
    }),
    'nested content': () => tiktok(14, { type: 'TEXT', message_id: '1', content: '['.repeat(3_000_000) }),
    packages: () => tiktok(4, { order_id: '1', package_list: many((n) => ({ id: n })), update_time: nowSeconds }),
  },
};

function genericMessage(data: object): object {
  const own = { conversationKey: 'C', externalId: 'M', author: { id: 'b' }, ...data };
  return { type: 'message.created', timestamp: now, data: own };
}

function genericOrder(data: object): object {
  return {
    type: 'order.updated',
    timestamp: now,
    data: { id: 'O', state: 'ready', placedAt: now, updatedAt: now, ...data },
  };
}

function whatsappText(n: number, from: string): object {
  return { id: `wamid.${n}`, from, timestamp: String(nowSeconds), type: 'text', text: { body: 'hi' } };
}

/** Bodies whose JSON alone is work, whoever reads them. */
const texts: Readonly<Record<string, () => string>> = {
  'deep arrays': () => '['.repeat(bytesMax),
  'closed deep arrays': () => '['.repeat(bytesMax / 2) + ']'.repeat(bytesMax / 2),
  'deep objects': () => '{"a":'.repeat(bytesMax / 5),
  'empty arrays': () => `[${'[],'.repeat(bytesMax / 3 - 10)}[]]`,
  'empty objects': () => `[${'{},'.repeat(bytesMax / 3 - 10)}{}]`,
  'one number': () => `[${'9'.repeat(bytesMax - 2)}]`,
  'long numbers': () => `[${'12345678901234567890,'.repeat(bytesMax / 21 - 1)}1]`,
  exponents: () => `[${'1e999999,'.repeat(bytesMax / 9 - 1)}1]`,
  'equal keys': () => `{${'"a":1,'.repeat(bytesMax / 6 - 10)}"a":1}`,
  'many keys': () => JSON.stringify(Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`k${n}`, n]))),
  prototypes: () => `{${'"__proto__":{"a":1},'.repeat(10_000)}"constructor":{"prototype":{}}}`,
  spaces: () => ' '.repeat(bytesMax),
  'no UTF-8': () => '\ud800'.repeat(bytesMax / 3),
  empty: () => '',
};
