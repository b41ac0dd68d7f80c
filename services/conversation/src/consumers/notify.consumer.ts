import type { AgentId } from '@crossdesk/contracts';
import type { ConsumerSpec, Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { caseFollowersOf, followersOf } from '../notification/follower.store.ts';
import {
  actorOf,
  followedCaseIn,
  followedIn,
  type NotableEvent,
  noticeOf,
  settledIn,
} from '../notification/notable.domain.ts';
import { nothing, type NotificationSubject } from '../notification/notification.domain.ts';
import { type Caused, notify, type NotifyDeps } from '../notification/notify.ts';
import { withdraw } from '../notification/notification.store.ts';
import { leadsOf } from '../notification/preference.store.ts';

type Notable = Pick<Delivered, 'traceparent'> & { readonly event: NotableEvent };

/** Tells people what concerns them, in a group of its own: its lag delays no message. */
export function notifyConsumer(deps: NotifyDeps): ConsumerSpec<DB> {
  const tell = (trx: Transaction<DB>, events: readonly Notable[]) => tellPeople(deps, trx, events);
  return {
    name: 'conversation.notify',
    on: {
      'conversation.changed': tell,
      'conversation.message-added': tell,
      'conversation.note-added': tell,
      'conversation.sla-warned': tell,
      'conversation.sla-breached': tell,
      'conversation.bulk-job-changed': tell,
      'ingest.account-changed': tell,
      'ingest.authorisation-changed': tell,
      'conversation.case-opened': tell,
      'conversation.case-assigned': tell,
      'conversation.case-state-changed': tell,
      'conversation.case-changed': tell,
      'conversation.case-due': tell,
      'conversation.duty-changed': tell,
      'crm.follow-up-due': tell,
    },
  };
}

export async function tellPeople(deps: NotifyDeps, trx: Transaction<DB>, events: readonly Notable[]): Promise<void> {
  const addressed = await wishesOf(trx, events);
  const followed = await wishesOfFollowers(trx, events);
  // Whoever is told of an event for another reason is not told of it as a follower, too.
  const isTold = new Set(addressed.map(({ eventId, agentId }) => `${eventId} ${agentId}`));
  const others = followed.filter(({ eventId, agentId }) => !isTold.has(`${eventId} ${agentId}`));
  await notify(deps, trx, [...addressed, ...others]);
  await withdrawSettled(deps, trx, events);
}

/** What was told of an account that works again is not left for people to look after. */
async function withdrawSettled(deps: NotifyDeps, trx: Transaction<DB>, events: readonly Notable[]): Promise<void> {
  for (const { event } of events) {
    const settled = settledIn(event);
    if (settled !== null) await withdraw(trx, event, settled, deps.clock.now());
  }
}

async function wishesOf(trx: Transaction<DB>, events: readonly Notable[]): Promise<Caused[]> {
  const notices = events.flatMap((cause) => {
    const notice = noticeOf(cause.event);
    return notice === null ? [] : [{ cause, notice }];
  });
  const led = notices.filter(({ notice }) => notice.to.includes('leads')).map(({ cause }) => cause.event.tenantId);
  const leads = await leadsOf(trx, led);
  return notices.flatMap(({ cause, notice }) => {
    const { tenantId, id: eventId } = cause.event;
    const { to, ...about } = notice;
    const people = new Set(to.flatMap((one) => (one === 'leads' ? (leads.get(tenantId) ?? []) : [one])));
    return [...people].map((agentId): Caused => ({
      ...about,
      tenantId,
      eventId,
      agentId,
      actorId: actorOf(cause.event),
      cause,
    }));
  });
}

async function wishesOfFollowers(trx: Transaction<DB>, events: readonly Notable[]): Promise<Caused[]> {
  const followed = events.flatMap((cause) => {
    const conversationId = followedIn(cause.event);
    return conversationId === null ? [] : [{ cause, conversationId, tenantId: cause.event.tenantId }];
  });
  const followers = await followersOf(trx, followed);
  const ofConversations = followed.flatMap(({ cause, conversationId, tenantId }) =>
    toldAs(followers.get(`${tenantId} ${conversationId}`) ?? [], cause, { kind: 'watched', conversationId }),
  );
  const followedCases = events.flatMap((cause) => {
    const caseId = followedCaseIn(cause.event);
    return caseId === null ? [] : [{ cause, caseId, tenantId: cause.event.tenantId }];
  });
  const watchers = await caseFollowersOf(trx, followedCases);
  const ofCases = followedCases.flatMap(({ cause, caseId, tenantId }) =>
    toldAs(watchers.get(`${tenantId} ${caseId}`) ?? [], cause, { kind: 'case-watched', caseId }),
  );
  return [...ofConversations, ...ofCases];
}

/** Nobody is told of what they did themselves. */
function toldAs(
  people: readonly AgentId[],
  cause: Notable,
  about: Pick<Caused, 'kind'> & Partial<NotificationSubject>,
): Caused[] {
  const { tenantId, id: eventId } = cause.event;
  const actorId = actorOf(cause.event);
  return people
    .filter((agentId) => agentId !== actorId)
    .map((agentId) => ({ ...nothing, ...about, tenantId, eventId, agentId, actorId, cause }));
}
