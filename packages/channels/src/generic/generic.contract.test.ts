import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import { contextOf } from '../conformance/context.ts';
import { withoutPlaces } from '../conformance/places.ts';
import type { PlatformRequest } from '../port/index.ts';
import { send } from './generic.messages.ts';
import { parseDelivery } from './generic.parse.ts';
import { verifySignature } from '../shared/standard-webhooks.ts';
import { account, secret, signed } from './generic.samples.ts';

const contract = readFileSync(join(import.meta.dirname, '../../../../docs/generic-channel.md'), 'utf8');
const samples = [...contract.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => json);
const sampleOf = (type: string) => samples.filter((json) => json.includes(`"type": "${type}"`));
const factsOf = (json: string) => withoutPlaces(parseDelivery(account, signed(json))).facts;

test('the documented signature is accepted', () => {
  const lineOf = (name: string) => new RegExp(`^${name} +(.*)$`, 'm').exec(contract)?.[1] ?? '';
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const request = {
    ...signed(lineOf('body')),
    headers: Object.fromEntries(names.map((name) => [name, lineOf(name)])),
    receivedAt: new Date(Number(lineOf('webhook-timestamp')) * 1000),
  };
  expect(lineOf('secret')).toBe(secret);
  expect(verifySignature(account, request)).toEqual({ ok: true });
});

test('every field of the documented deliveries is understood', () => {
  const [fromBuyer = '', fromAgent = ''] = sampleOf('message.created');
  expect(factsOf(fromBuyer)).toMatchObject([
    {
      type: 'message',
      message: expect.objectContaining({
        direction: 'inbound',
        buyer: {
          externalId: 'B-7',
          commerceId: 'B-7',
          name: 'Ana',
          phone: '+55 11 99999-0000',
          email: 'ana@mail.example',
          avatarUrl: 'https://cdn.example/ana.jpg',
          locale: 'pt-BR',
        },
        content: expect.objectContaining({ kind: 'image', fileName: 'zip.jpg', caption: 'The zip is broken' }),
        replyToExternalId: 'M-0',
        externalOrderIds: ['O-1'],
      }),
    },
  ]);
  expect(factsOf(fromAgent)).toEqual([
    { type: 'message', message: expect.objectContaining({ direction: 'outbound', author: 'seller' }) },
  ]);
  expect(factsOf(sampleOf('message.status')[0] ?? '')).toEqual([
    expect.objectContaining({ type: 'receipt', status: 'failed', failure: 'RECIPIENT_UNREACHABLE' }),
  ]);
  expect(
    ['reacted', 'edited', 'deleted'].flatMap((name) => factsOf(sampleOf(`message.${name}`)[0] ?? '')),
  ).toMatchObject([
    { change: { externalMessageId: 'M-2', by: 'buyer', change: { kind: 'reacted', emoji: '👍' } } },
    {
      change: {
        externalMessageId: 'M-2',
        by: 'seller',
        buyer: { externalId: 'B-7' },
        change: { kind: 'edited', content: { kind: 'text', text: 'We send you a new one today' } },
      },
    },
    { change: { externalMessageId: 'M-1', by: 'buyer', change: { kind: 'deleted' } } },
  ]);
  const [order] = factsOf(sampleOf('order.updated')[0] ?? '');
  expect(order).toMatchObject({ type: 'order', order: { state: 'shipped', total: { amountMinor: '3980' } } });
  expect(JSON.stringify(order)).not.toContain('"imageUrl":null');
});

test('a reply is sent as documented', async () => {
  const documented: unknown = JSON.parse(sampleOf('message.outbound')[0] ?? '');
  const text = 'Your parcel left today.';
  const messageId = newId<Parameters<typeof send>[1]['messageId']>();
  const requests: PlatformRequest[] = [];
  const call = async (request: PlatformRequest) => {
    requests.push(request);
    return { status: 204, headers: {}, body: '' };
  };
  const context = { ...contextOf(account, call), now: () => new Date('2026-01-02T03:11:00Z') };
  const buyer = {
    externalId: 'B-7',
    commerceId: null,
    name: null,
    phone: null,
    email: null,
    avatarUrl: null,
    locale: null,
  };
  const content = { kind: 'text', text } as const;
  await send(context, { messageId, externalThreadId: 'C-1', buyer, content, upload: null });
  const posted: unknown = JSON.parse(
    (requests[0]?.body ?? '').replaceAll(messageId, '019b7c1e-5a00-7000-8000-000000000001'),
  );
  expect(posted).toEqual(documented);
});
