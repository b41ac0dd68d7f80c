import { type AnyEvent, type ChannelAccountId, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import type { LiveStream } from '../src/live/live-stream.ts';
import { cursorsOf } from '../src/live/cursor.ts';
import { inboxEvents } from '../src/live/streams/inbox-events.ts';
import { accountChanged, deliveryUpdated, inboxEvent } from './events.ts';
import { cursorKey, startGateway, type StartOptions, type TestGateway } from './gateway.ts';
import { type Place, placesOf } from './memory-log.ts';
import { type KnownEvents, serviceNames } from './services.ts';
import { storeEvents, subgraphsWithStores, supergraphWithStores } from './store-events.ts';

export interface Fact {
  readonly tenantId: TenantId;
  /** What it happens to: the conversation, the account. */
  readonly subjectId?: string;
  /** One of the two kinds that a test can tell apart; at places that have them. */
  readonly kind?: 'first' | 'second';
}

/** A stream with what tests of the guarantees of every stream need to know of it. */
export interface StreamCase {
  readonly name: string;
  readonly stream: LiveStream;
  readonly places: readonly Place[];
  /** The cursor before everything. */
  beginning(tenantId: TenantId): string;
  /** An event that the stream shows, as its owner writes it. */
  event(place: Place, fact: Fact): AnyEvent;
  /** The argument that narrows the stream to a subject, the type of its kinds, and the words of the two. */
  readonly subjectArgument: string;
  readonly kindType: string;
  readonly kindWords: { readonly first: string; readonly second: string };
  /** Selects a person of whom the e-mail is shown to nobody else. */
  readonly emailSelection: string;
  start(options: StartOptions & { readonly knownEvents: KnownEvents }): Promise<TestGateway>;
}

function beginningOf(stream: LiveStream): StreamCase['beginning'] {
  const start = placesOf(stream.topics).map(() => 0n);
  return (tenantId) => cursorsOf(stream, cursorKey).encode(tenantId, start);
}

export const inboxCase: StreamCase = {
  name: 'inboxEvents',
  stream: inboxEvents,
  places: placesOf(inboxEvents.topics),
  beginning: beginningOf(inboxEvents),
  event: (_place, { tenantId, subjectId = newId(), kind = 'first' }) =>
    inboxEvent({
      tenantId,
      conversationId: subjectId as ConversationId,
      type: kind === 'first' ? 'conversation.message-added' : 'conversation.note-added',
    }),
  subjectArgument: 'conversationId',
  kindType: 'InboxEventKind',
  kindWords: { first: 'MESSAGE_ADDED', second: 'NOTE_ADDED' },
  emailSelection: 'conversation { assignee { email } }',
  start: startGateway,
};

const supergraphSdl = supergraphWithStores();

export const storeCase: StreamCase = {
  name: 'storeEvents',
  stream: storeEvents,
  places: placesOf(storeEvents.topics),
  beginning: beginningOf(storeEvents),
  event({ topic }, { tenantId, subjectId = newId(), kind = 'first' }) {
    const fact = { tenantId, accountId: subjectId as ChannelAccountId };
    if (topic === 'ingest.account') return accountChanged(fact);
    return deliveryUpdated(fact, kind === 'first' ? 'sent' : 'failed');
  },
  subjectArgument: 'accountId',
  kindType: 'StoreEventKind',
  kindWords: { first: 'SENT', second: 'FAILED' },
  emailSelection: 'agent { email }',
  start({ knownEvents, ...options }) {
    const subgraphs = subgraphsWithStores(knownEvents);
    return startGateway({
      supergraphSdl,
      streams: [storeEvents],
      subgraphs: Object.fromEntries(serviceNames.map((name) => [name, { kind: 'local', subgraph: subgraphs[name] }])),
      ...options,
    });
  },
};
