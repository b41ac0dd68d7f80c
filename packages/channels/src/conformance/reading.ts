import { expect, test } from '@jest/globals';
import { type ChannelAdapter, PlatformCallError, type PlatformContext, PlatformRefusal } from '../port/index.ts';
import { sweepThreads } from '../shared/thread-sweep.ts';
import { contextOf } from './context.ts';
import type { ChannelSamples } from './samples.ts';

const answers: readonly PlatformContext['call'][] = [
  () => Promise.reject(new PlatformCallError('connection refused', false)),
  async () => ({ status: 500, headers: {}, body: '<h1>Bad gateway</h1>' }),
  async () => ({ status: 401, headers: {}, body: '{}' }),
  async () => ({ status: 200, headers: {}, body: '[]' }),
  async () => ({ status: 200, headers: {}, body: '{}' }),
];

export function describeReading(adapter: ChannelAdapter, { account, sending }: ChannelSamples): void {
  const threadId = sending?.outgoing.externalThreadId ?? '1';

  test('reading fails only with named errors, which show no credential', async () => {
    for (const context of answers.map((call) => contextOf(account, call)))
      for (const read of readsOf(adapter, context, threadId)) {
        const error = await read().then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error === null) continue;
        const isNamed = error instanceof PlatformRefusal || error instanceof PlatformCallError;
        if (!isNamed) throw new Error('a read failed with an error that the port does not name', { cause: error });
        for (const secret of Object.values(account.credentials)) expect(error.message).not.toContain(secret);
      }
  });

  test('a token has an expiry time or none, and an unreadable time counts as expired', () => {
    const { tokens } = adapter;
    if (tokens === null) return;
    const end = tokens.expireAt(account.credentials);
    expect(end === null || !Number.isNaN(end.getTime())).toBe(true);
    const unknownEnd = tokens.expireAt({ ...account.credentials, expires_at: 'soon' });
    expect(end === null ? null : unknownEnd).toEqual(end === null ? null : new Date(0));
  });
}

/** All reads of the adapter. */
function readsOf(
  { webhooks, threads, messages, orders, buyers, media, tokens }: ChannelAdapter,
  context: PlatformContext,
  threadId: string,
): (() => Promise<unknown>)[] {
  const since = new Date(context.now().getTime() - 600_000);
  return [
    ...(threads === null
      ? []
      : [() => threads.read(context, threadId, since, null), () => sweepThreads(threads, context, '')]),
    ...(webhooks?.waiting === undefined ? [] : [() => webhooks.waiting?.(context, '') ?? Promise.resolve()]),
    ...(messages === null ? [] : [() => messages.list(context, '')]),
    ...(orders === null ? [] : [() => orders.list(context, ''), () => orders.fetch(context, '1')]),
    ...(buyers === null ? [] : [() => buyers.fetch(context, threadId)]),
    ...(media?.from === 'platform' ? [() => media.locate(context, 'media-1')] : []),
    ...(media?.from === 'delivery' ? [() => media.extract(new TextEncoder().encode('{}'), 'media-1')] : []),
    ...(tokens === null ? [] : [() => tokens.refresh(context)]),
  ];
}
