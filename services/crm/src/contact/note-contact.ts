import { type DecisionId, type EventOf, newId } from '@crossdesk/contracts';
import type { Clock, Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { type Consent, isOptOut, purposes } from '../consent/consent.domain.ts';
import { insertConsents, suppressAddresses } from '../consent/consent.store.ts';
import type { DB } from '../db.ts';
import { bounced, bounceOf } from './contact.domain.ts';
import { customersOf, lockPoints, saveBounces, saveSightings, type Sighted } from './contact.store.ts';

type Received = Delivered<'ingest.message-received'>;

export interface ContactDeps {
  readonly clock: Clock;
  /** The key of the digests of addresses that are not written to. */
  readonly suppressionKey: Buffer;
}

/** Notes on which threads buyers write, and that some want no more messages. The conversations must be linked. */
export async function noteContact(
  { clock, suppressionKey }: ContactDeps,
  trx: Transaction<DB>,
  events: readonly Received[],
): Promise<void> {
  const sighted = new Map<string, Sighted>();
  for (const { event } of events) {
    const one = sightedIn(event);
    const known = sighted.get(one.conversationId);
    if (known === undefined || (one.inboundAt ?? 0) > (known.inboundAt ?? 0)) sighted.set(one.conversationId, one);
  }
  await saveSightings(trx, [...sighted.values()]);
  const objecting = events.map(({ event }) => event).filter(objects);
  if (objecting.length === 0) return;
  const customers = await customersOf(
    trx,
    objecting.map(({ tenantId, data: { conversationId } }) => ({ tenantId, conversationId })),
  );
  const now = clock.now();
  for (const { tenantId, data } of objecting) {
    const profileId = customers.get(data.conversationId);
    if (profileId === undefined) continue;
    const wording = data.content.kind === 'text' ? data.content.text : null;
    const said = { tenantId, profileId, state: 'withdrawn', basis: 'word-of-buyer', wording } as const;
    const rest = { evidence: `message ${data.messageId}`, recordedAt: now, recordedBy: null };
    await insertConsents(
      trx,
      purposes.map((purpose): Consent => ({ ...said, ...rest, id: newId<DecisionId>(), purpose })),
    );
    for (const purpose of purposes)
      await suppressAddresses(trx, suppressionKey, { tenantId, customerId: profileId, purpose }, now);
  }
}

function sightedIn({ tenantId, occurredAt, data }: EventOf<'ingest.message-received'>): Sighted {
  const { conversationId, accountId, channel, author } = data;
  return { tenantId, conversationId, accountId, channel, inboundAt: author === 'buyer' ? new Date(occurredAt) : null };
}

function objects({ data: { author, content } }: EventOf<'ingest.message-received'>): boolean {
  return author === 'buyer' && content.kind === 'text' && isOptOut(content.text);
}

/** Notes what failed deliveries say of the threads. */
export async function noteBounces(trx: Trx, events: readonly Delivered<'ingest.delivery-updated'>[]): Promise<void> {
  const failed = events.flatMap(({ event: { tenantId, occurredAt, data } }) => {
    const bounce = data.status === 'failed' ? bounceOf(data.failure) : null;
    return bounce === null ? [] : [{ tenantId, conversationId: data.conversationId, bounce, at: new Date(occurredAt) }];
  });
  if (failed.length === 0) return;
  const points = await lockPoints(trx, failed);
  const after = points.map((point) =>
    failed
      .filter(({ tenantId, conversationId }) => tenantId === point.tenantId && conversationId === point.conversationId)
      .reduce((known, { bounce, at }) => bounced(known, bounce, at), point),
  );
  await saveBounces(trx, after);
}

type Trx = Transaction<DB>;
