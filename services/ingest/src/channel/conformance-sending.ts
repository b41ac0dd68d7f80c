import { type MessageContent, type MessageKind, newId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChannelAdapter,
  type OutgoingMessage,
  PlatformCallError,
  type PlatformContext,
  PlatformRefusal,
  type PlatformRequest,
} from './channel.port.ts';
import type { ChannelSamples } from './conformance-samples.ts';

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
  { kind: 'location', latitude: 1.3, longitude: 103.8, name: null },
  { kind: 'system', text: 'joined' },
  { kind: 'unsupported', platformKind: 'poll' },
];

export function describeSending(adapter: ChannelAdapter, samples: ChannelSamples): void {
  const contentOf = (kind: MessageKind) =>
    [...samples.contents, ...plainContents].find((content) => content.kind === kind) ?? { kind: 'text', text: 'Hi' };

  test.each(plainContents.map(({ kind }) => kind))(
    '%s is sent if declared, else refused before any call',
    async (kind) => {
      const requests: PlatformRequest[] = [];
      const context = contextOf(samples, async (request) => {
        requests.push(request);
        return samples.answerSend(request);
      });
      const outcome = await adapter.send(context, outgoing(samples, contentOf(kind)));
      if (adapter.capabilities.sends.includes(kind)) {
        expect(outcome).toMatchObject({ status: 'accepted' });
        expect(requests.every(({ url }) => url.startsWith(samples.account.baseUrls.api))).toBe(true);
      } else {
        expect(outcome).toMatchObject({ status: 'rejected', failure: 'UNSUPPORTED' });
        expect(requests).toEqual([]);
      }
    },
  );
}

export function describeFailingPlatform(adapter: ChannelAdapter, samples: ChannelSamples): void {
  const secrets = Object.entries(samples.account.credentials).map(([, value]) => value);
  const text = outgoing(samples, { kind: 'text', text: 'Your parcel left today.' });

  test('a lost connection while sending is never taken for an acceptance or a refusal', async () => {
    const lost = new PlatformCallError('connection lost', true);
    const sending = adapter.send(
      contextOf(samples, () => Promise.reject(lost)),
      text,
    );
    const outcome = await sending.catch((error: unknown) => error);
    // Either the error itself comes through or an outcome that leaves it open.
    expect(outcome === lost ? 'unknown' : Reflect.get(Object(outcome), 'status')).toMatch(/^(unknown|retry)$/);
  });

  test('whatever it answers, send returns an outcome that shows no credential', async () => {
    const statuses = fc.constantFrom(200, 204, 301, 400, 401, 403, 404, 408, 409, 410, 429, 500, 502, 503, 504);
    const bodies = fc.oneof(fc.json(), fc.string(), fc.constant('<h1>Bad gateway</h1>'));
    await fc.assert(
      fc.asyncProperty(statuses, bodies, async (status, body) => {
        const outcome = await adapter.send(
          contextOf(samples, async () => ({ status, headers: {}, body })),
          text,
        );
        for (const secret of secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
        if (status >= 500) expect(outcome.status).toMatch(/^(unknown|retry)$/);
        if (status === 301) expect(outcome.status).not.toBe('accepted');
      }),
    );
  });

  test('reading fails with named errors only, which show no credential', async () => {
    const calls: PlatformContext['call'][] = [
      () => Promise.reject(new PlatformCallError('connection refused', false)),
      async () => ({ status: 500, headers: {}, body: '<h1>Bad gateway</h1>' }),
      async () => ({ status: 401, headers: {}, body: '{}' }),
      async () => ({ status: 200, headers: {}, body: '[]' }),
      async () => ({ status: 200, headers: {}, body: '{}' }),
    ];
    for (const context of calls.map((call) => contextOf(samples, call)))
      for (const read of readsOf(adapter, context, samples.outgoing.externalThreadId)) {
        const error = await read().then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error === null) continue;
        const isNamed = error instanceof PlatformRefusal || error instanceof PlatformCallError;
        if (!isNamed) throw new Error('a read failed with an error the port does not name', { cause: error });
        for (const secret of secrets) expect(error.message).not.toContain(secret);
      }
  });
}

function readsOf(adapter: ChannelAdapter, context: PlatformContext, threadId: string): (() => Promise<unknown>)[] {
  return [
    () => adapter.listThread(context, threadId, new Date(context.now().getTime() - 600_000)),
    () => adapter.listMessages(context, ''),
    () => adapter.listOrders(context, ''),
    () => adapter.fetchOrder(context, '1'),
    () => adapter.fetchBuyer(context, threadId),
    () => adapter.refreshCredentials(context),
  ];
}

function outgoing(samples: ChannelSamples, content: MessageContent): OutgoingMessage {
  const upload = content.kind === 'image' ? { url: 'https://cdn.example/upload.jpg', width: 10, height: 20 } : null;
  return { messageId: newId(), ...samples.outgoing, content, upload };
}

function contextOf(samples: ChannelSamples, call: PlatformContext['call']): PlatformContext {
  return { account: samples.account, call, now: () => new Date('2026-01-02T03:00:00Z') };
}
