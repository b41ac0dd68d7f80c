import { type AgentId, type EventId, type NotificationId, parseId, type TenantId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  readEvents,
  signedIn,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type { Transaction } from 'kysely';
import { agentsByIds } from '../agent/agent.store.ts';
import { casesByIds } from '../case/case.store.ts';
import { jobsByIds } from '../bulk/bulk-job.store.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { notesByIds } from '../note/note.store.ts';
import { markNotificationsRead, setNotificationPreferences } from './notification.commands.ts';
import { type NotificationEvent, notificationKinds } from './notification.domain.ts';
import { countNotifications, listNotifications, notificationsByIds } from './notification.store.ts';
import { allWays, notificationWays, timeOf } from './preference.domain.ts';
import { personKey, preferencesOf } from './preference.store.ts';

const idsMax = 100;

export const notificationResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    notifications: async (_, { first: asked, after, isUnread }, { app, request }) => {
      const reader = signedIn(request);
      const { db } = app.runtime;
      const first = pageSize(asked);
      const page = { isUnread: isUnread ?? null, first, after: decodeKeyset(after)?.id ?? null };
      const found = await db.forTenant(reader.tenantId, (trx) => listNotifications(trx, reader, page));
      const shown = connectionOf(
        found,
        { first, after },
        ({ createdAt, id }) => encodeKeyset({ at: createdAt, id }),
        (one) => one,
      );
      return counted(shown, () =>
        db.forTenant(reader.tenantId, (trx) => countNotifications(trx, reader, page.isUnread)),
      );
    },
    notificationEventsByIds: async (_, { ids: texts }, { app, request }) => {
      const { tenantId, agentId } = signedIn(request);
      refuseTooMany(texts);
      const ids = texts.map((text) => parseId<EventId>(text));
      const asked = ids.filter((id) => id !== null);
      if (asked.length === 0) return ids.map(() => null);
      const found = await app.runtime.db.forTenant(tenantId, (trx) => eventsFor(trx, tenantId, agentId, asked));
      return ids.map((id) => (id === null ? null : (found.get(id) ?? null)));
    },
    notificationPreferences: async (_, __, { app, request }) => {
      const person = signedIn(request);
      const found = await app.runtime.db.forTenant(person.tenantId, (trx) => preferencesOf(trx, [person]));
      return found.get(personKey(person)) ?? null;
    },
  },
  Mutation: {
    markNotificationsRead: async (_, { input }, { app: { runtime }, request }) => {
      const ids = input.ids?.map((text) => inputId<NotificationId>(text)) ?? null;
      refuseTooMany(ids ?? []);
      const outcome = await runtime.commands.asked(request, 'markNotificationsRead', (call) =>
        markNotificationsRead(runtime, call, ids),
      );
      return toPayload('markedCount', outcome);
    },
    setNotificationPreferences: async (_, { input }, { app: { runtime }, request }) => {
      const ways = (input.ways ?? []).map(({ kind, way }) => ({
        kind: fromEnum(notificationKinds, kind),
        way: fromEnum(notificationWays, way),
      }));
      const { quietHours, zone, expectedVersion } = input;
      const wish = { ways, quiet: quietHours ?? null, zone: zone ?? 'UTC', expectedVersion };
      const outcome = await runtime.commands.asked(request, 'setNotificationPreferences', (call) =>
        setNotificationPreferences(runtime, call, wish),
      );
      return toPayload('preferences', outcome);
    },
  },
  NotificationConnection: countResolvers,
  Notification: {
    kind: ({ kind }) => toEnum(kind),
    conversation: ({ conversationId: id }, _, { loaders }) =>
      id === null ? null : loaders.load(conversationsByIds, id),
    // Whoever no longer leads others sees no jobs.
    bulkJob: ({ jobId: id }, _, { loaders, request }) =>
      id === null || signedIn(request).role === 'agent' ? null : loaders.load(jobsByIds, id),
    case: ({ caseId: id }, _, { loaders }) => (id === null ? null : loaders.load(casesByIds, id)),
    followUp: ({ followUpId: id }) => (id === null ? null : { id }),
    account: ({ accountId: id }) => (id === null ? null : { id }),
    agent: ({ aboutAgentId: id }, _, { loaders }) => (id === null ? null : loaders.load(agentsByIds, id)),
    actor: ({ actorId: id }, _, { loaders }) => (id === null ? null : loaders.load(agentsByIds, id)),
    note: ({ noteId: id }, _, { loaders }) => (id === null ? null : loaders.load(notesByIds, id)),
  },
  NotificationEvent: {
    // Only the stream knows the position of an event.
    cursor: () => null,
    notification: ({ notificationId, agentId }, _, { loaders }) =>
      loaders.loadPresent(notificationsByIds, notificationId, agentId),
  },
  NotificationPreferences: {
    ways: allWays,
    quietHours: ({ quiet }) => (quiet === null ? null : { from: timeOf(quiet.fromMin), until: timeOf(quiet.untilMin) }),
  },
  NotificationChoice: { kind: ({ kind }) => toEnum(kind), way: ({ way }) => toEnum(way) },
};

function refuseTooMany(ids: readonly unknown[]): void {
  if (ids.length <= idsMax) return;
  throw new GraphQLError(`ask for at most ${idsMax} at once`, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** Those of the events that bring a notification to this person. */
async function eventsFor(
  trx: Transaction<DB>,
  tenantId: TenantId,
  agentId: AgentId,
  ids: readonly EventId[],
): Promise<Map<string, NotificationEvent>> {
  const events = (await readEvents(trx, tenantId, ids)).flatMap((event) =>
    event.type === 'conversation.agent-notified' && event.data.agentId === agentId
      ? [{ id: event.id, notificationId: event.data.notificationId, agentId }]
      : [],
  );
  const told = events.map(({ notificationId }) => notificationId);
  // What it is about may be out of their sight by now.
  const seen = await notificationsByIds(trx, tenantId, told, agentId);
  return new Map(events.flatMap((event) => (seen.has(event.notificationId) ? [[event.id, event] as const] : [])));
}
