import { type MessageContent, type MessageKind, newId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChannelAccount,
  type ChannelAdapter,
  type OutgoingMessage,
  PlatformCallError,
  type PlatformRequest,
  type Sender,
} from '../port/index.ts';
import { contextOf } from './context.ts';
import type { SendingSamples } from './samples.ts';

const plainContents: readonly MessageContent[] = [
  { kind: 'text', text: 'Your parcel left today.' },
  ...(['image', 'video', 'audio', 'file'] as const).map((kind) => ({
    kind,
    url: `https://cdn.example/${kind}`,
    thumbnailUrl: null,
    mediaId: null,
    mimeType: null,
    fileName: null,
    caption: null,
  })),
  { kind: 'sticker', stickerId: '1', url: 'https://cdn.example/sticker.webp' },
  { kind: 'order', externalOrderId: '1' },
  { kind: 'product', externalProductId: '1', title: null, imageUrl: null },
  { kind: 'location', latitude: 1.3, longitude: 103.8, name: null, address: null },
  { kind: 'return', externalOrderId: '1', externalProductId: null },
  { kind: 'coupon', externalCouponId: '1', title: null },
  { kind: 'cart', text: null, items: [] },
  { kind: 'choice', title: 'Yes', description: null, externalChoiceId: null },
  { kind: 'form', title: null, text: null, answers: [] },
  { kind: 'contacts', contacts: [] },
  { kind: 'bundle', externalMessageIds: [] },
  { kind: 'system', text: 'joined' },
  { kind: 'unsupported', platformKind: 'poll' },
];

export function describeSending(
  { record }: Pick<ChannelAdapter, 'record'>,
  sender: Sender,
  account: ChannelAccount,
  samples: SendingSamples,
): void {
  const contentOf = (kind: MessageKind) =>
    [...samples.contents, ...plainContents].find((content) => content.kind === kind) ?? { kind: 'text', text: 'Hi' };
  const text = outgoing(samples, { kind: 'text', text: 'Your parcel left today.' });

  test.each(plainContents.map(({ kind }) => kind))(
    '%s is sent if declared, otherwise refused before any call',
    async (kind) => {
      const requests: PlatformRequest[] = [];
      const context = contextOf(account, async (request) => {
        requests.push(request);
        return samples.answerSend(request);
      });
      const outcome = await sender.send(context, outgoing(samples, contentOf(kind)));
      if (record.capabilities.sends.includes(kind)) {
        expect(outcome).toMatchObject({ status: 'accepted' });
        expect(requests.every(({ url }) => url.startsWith(account.baseUrls.api))).toBe(true);
      } else {
        expect(outcome).toMatchObject({ status: 'rejected', failure: 'UNSUPPORTED' });
        expect(requests).toEqual([]);
      }
    },
  );

  test('a lost connection while sending never counts as an acceptance or a refusal', async () => {
    const lost = new PlatformCallError('connection lost', true);
    const sending = sender.send(
      contextOf(account, () => Promise.reject(lost)),
      text,
    );
    const outcome = await sending.catch((error: unknown) => error);
    // Either the error itself is thrown, or the outcome is open.
    expect(outcome === lost ? 'unknown' : Reflect.get(Object(outcome), 'status')).toMatch(/^(unknown|retry)$/);
  });

  test('for any answer, send returns an outcome that shows no credential', async () => {
    const statuses = fc.constantFrom(200, 204, 301, 400, 401, 403, 404, 408, 409, 410, 429, 500, 502, 503, 504);
    const bodies = fc.oneof(fc.json(), fc.string(), fc.constant('<h1>Bad gateway</h1>'));
    await fc.assert(
      fc.asyncProperty(statuses, bodies, async (status, body) => {
        const outcome = await sender.send(
          contextOf(account, async () => ({ status, headers: {}, body })),
          text,
        );
        for (const secret of Object.values(account.credentials)) expect(JSON.stringify(outcome)).not.toContain(secret);
        if (status >= 500) expect(outcome.status).toMatch(/^(unknown|retry)$/);
        if (status === 301) expect(outcome.status).not.toBe('accepted');
      }),
    );
  });
}

const uploaded = { url: 'https://cdn.example/upload.jpg', mediaId: '1' };

function outgoing(samples: SendingSamples, content: MessageContent): OutgoingMessage {
  const upload = content.kind === 'image' ? { ...uploaded, width: 10, height: 20 } : null;
  return { messageId: newId(), ...samples.outgoing, content, upload };
}
