import type { Actor, ConversationId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import type { DB } from '../db.ts';
import { latestAdded, type MessagePlace, messagePages } from '../message/message.store.ts';
import type { Message } from '../message/message.domain.ts';
import type { Note } from '../note/note.store.ts';
import type { Activity, Facts } from '../conversation/activity.ts';
import { activityPages, notesOfTimeline, type TimelinePage } from './activity.store.ts';

/** Who did something, as people see it. */
export interface TimelineActor {
  readonly kind: Message['author'] | 'rule';
  readonly id: string | null;
}

/** A message, a note or a change, in the one order of a conversation. */
export interface TimelineEntry extends MessagePlace {
  readonly kind: 'message' | 'note' | Activity['kind'];
  readonly actor: TimelineActor;
  readonly message: Message | null;
  readonly note: Note | null;
  readonly before: Facts;
  readonly after: Facts;
}

const plain = { position: '0', message: null, note: null, before: {}, after: {} } as const;

function ofMessage(message: Message): TimelineEntry {
  const { id, position, occurredAt, author, agentId } = message;
  return { ...plain, id, position, at: occurredAt, kind: 'message', actor: { kind: author, id: agentId }, message };
}

function ofNote(note: Note): TimelineEntry {
  // Only people and Crossdesk itself, when it hands work over, write notes.
  const actor = note.agentId === null ? ({ kind: 'system', id: null } as const) : ofAgent(note.agentId);
  return { ...plain, id: note.id, at: note.createdAt, kind: 'note', actor, note };
}

function ofActivity({ id, at, kind, actor, before, after }: Activity): TimelineEntry {
  return { ...plain, id, at, kind, actor: timelineActorOf(actor), before, after };
}

function ofAgent(id: string): TimelineActor {
  return { kind: 'agent', id };
}

/** An actor of an event, as people see it. */
export function timelineActorOf({ kind, id }: Actor): TimelineActor {
  switch (kind) {
    case 'agent':
      return { kind, id };
    case 'customer':
      return { kind: 'buyer', id };
    case 'automation':
      return { kind: id === null ? 'bot' : 'rule', id };
    case 'system':
      return { kind, id: null };
  }
}

/** One page of the timeline of each conversation, newest first, and one entry more if there are any behind it. */
export async function timelinePages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
  page: TimelinePage,
): Promise<Map<ConversationId, TimelineEntry[]>> {
  const messages = await messagePages(trx, tenantId, ids, { ...page, oldestFirst: false });
  const notes = await notesOfTimeline(trx, tenantId, ids, page);
  const activities = await activityPages(trx, tenantId, ids, page);
  return new Map(
    ids.map((id) => [
      id,
      [
        ...(messages.get(id) ?? []).map(ofMessage),
        ...(notes.get(id) ?? []).map(ofNote),
        ...(activities.get(id) ?? []).map(ofActivity),
      ]
        .toSorted(newestFirst)
        .slice(0, page.first + 1),
    ]),
  );
}

function newestFirst(one: MessagePlace, other: MessagePlace): number {
  const byTime = other.at.getTime() - one.at.getTime();
  if (byTime !== 0) return byTime;
  if (one.position !== other.position) return BigInt(one.position) < BigInt(other.position) ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}

const newerMax = 20;

/** What was added to a conversation since somebody read it, newest first: as many as its count has grown, 20 at most. */
export async function newerThan(
  trx: Transaction<DB>,
  { tenantId, id, contentVersion }: Pick<Conversation, 'tenantId' | 'id' | 'contentVersion'>,
  basis: number,
): Promise<TimelineEntry[]> {
  const count = Math.min(newerMax, Math.max(0, contentVersion - basis));
  if (count === 0) return [];
  const messages = await latestAdded(trx, { tenantId, id }, count);
  const notes = (await notesOfTimeline(trx, tenantId, [id], { first: count, after: null })).get(id) ?? [];
  const added = [
    ...messages.map((message) => ({ entry: ofMessage(message), at: message.recordedAt })),
    ...notes.map((note) => ({ entry: ofNote(note), at: note.createdAt })),
  ];
  return added
    .toSorted((one, other) => other.at.getTime() - one.at.getTime() || (one.entry.id < other.entry.id ? 1 : -1))
    .slice(0, count)
    .map(({ entry }) => entry);
}
