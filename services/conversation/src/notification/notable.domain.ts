import { type AgentId, type CaseId, type ChannelAccountId, type EventOf, parseId } from '@crossdesk/contracts';
import { nothing, type NotificationKind, type NotificationSubject } from './notification.domain.ts';

/** The events of which people are told. */
export type NotableEvent =
  | EventOf<'conversation.changed'>
  | EventOf<'conversation.message-added'>
  | EventOf<'conversation.note-added'>
  | EventOf<'conversation.sla-warned'>
  | EventOf<'conversation.sla-breached'>
  | EventOf<'conversation.bulk-job-changed'>
  | EventOf<'conversation.duty-changed'>
  | EventOf<'ingest.account-changed'>
  | EventOf<'ingest.authorisation-changed'>
  | EventOf<'crm.follow-up-due'>
  | CaseEvent;

/** The events of cases of which people are told. */
type CaseEvent =
  | EventOf<'conversation.case-opened'>
  | EventOf<'conversation.case-assigned'>
  | EventOf<'conversation.case-state-changed'>
  | EventOf<'conversation.case-changed'>
  | EventOf<'conversation.case-due'>;

/** Those who lead the workspace: supervisors and admins. */
export type Addressee = AgentId | 'leads';

/** What to tell of an event, and whom. */
export interface Notice extends NotificationSubject {
  readonly kind: NotificationKind;
  readonly to: readonly Addressee[];
}

/** Null for an event that concerns nobody in particular. Nobody is told of what they did themselves. */
export function noticeOf(event: NotableEvent): Notice | null {
  switch (event.type) {
    case 'conversation.changed':
      return noticeOfChange(event);
    case 'conversation.message-added':
      return noticeOfMessage(event);
    case 'conversation.note-added': {
      const { conversation, mentionedAgentIds = [], agentId, noteId } = event.data;
      const to = mentionedAgentIds.filter((id) => id !== agentId);
      return { ...nothing, kind: 'mentioned', to, conversationId: conversation.conversationId, noteId };
    }
    case 'conversation.sla-warned':
    case 'conversation.sla-breached':
      return noticeOfClock(event);
    case 'conversation.bulk-job-changed': {
      const { jobId, agentId, state } = event.data;
      const isOver = state === 'done' || (state === 'cancelled' && isByJob(event));
      return isOver ? { ...nothing, kind: 'bulk-done', to: [agentId], jobId } : null;
    }
    case 'conversation.case-opened':
    case 'conversation.case-assigned': {
      const { caseId, ownerId } = event.data.case;
      return { ...nothing, kind: 'case-assigned', to: ownerId === actorOf(event) ? [] : [ownerId], caseId };
    }
    case 'conversation.case-due': {
      const { stage, case: about } = event.data;
      const { caseId, ownerId } = about;
      return stage === 'breached'
        ? { ...nothing, kind: 'case-breached', to: [ownerId, 'leads'], caseId }
        : { ...nothing, kind: 'case-warned', to: [ownerId], caseId };
    }
    case 'conversation.case-state-changed':
    case 'conversation.case-changed':
      return null;
    case 'conversation.duty-changed': {
      const { agentId, reason } = event.data;
      return reason === undefined
        ? null
        : { ...nothing, kind: 'put-off-duty', to: [agentId, 'leads'], aboutAgentId: agentId };
    }
    case 'crm.follow-up-due': {
      const { ownerId, conversationId, followUpId } = event.data;
      return { ...nothing, kind: 'follow-up-due', to: [ownerId], conversationId, followUpId };
    }
    case 'ingest.account-changed': {
      const { accountId, status } = event.data;
      return status === 'reauthorise' ? { ...nothing, kind: 'authorisation', to: ['leads'], accountId } : null;
    }
    case 'ingest.authorisation-changed': {
      const { accountId, change } = event.data;
      return change === 'expiring' ? { ...nothing, kind: 'authorisation-expiring', to: ['leads'], accountId } : null;
    }
  }
}

function noticeOfChange(event: EventOf<'conversation.changed'>): Notice | null {
  const { conversationId, assigneeId } = event.data.conversation;
  const { change } = event.data;
  if (change === 'escalated') return { ...nothing, kind: 'escalated', to: [assigneeId ?? 'leads'], conversationId };
  const isToAnother = assigneeId !== null && assigneeId !== actorOf(event);
  return change === 'assignee' && isToAnother
    ? { ...nothing, kind: 'assigned', to: [assigneeId], conversationId }
    : null;
}

function noticeOfMessage({ data }: EventOf<'conversation.message-added'>): Notice | null {
  const { conversationId, assigneeId } = data.conversation;
  // Nobody has to reply to the answer of a survey.
  return data.author === 'buyer' && data.answers === undefined && assigneeId !== null
    ? { ...nothing, kind: 'message', to: [assigneeId], conversationId }
    : null;
}

/** A warning is for the assignee, a breach also for those who lead; without an assignee both are for them. */
function noticeOfClock({
  type,
  data,
}: EventOf<'conversation.sla-warned'> | EventOf<'conversation.sla-breached'>): Notice {
  const { conversationId, assigneeId } = data.conversation;
  const isBreach = type === 'conversation.sla-breached';
  const assignee: Addressee[] = assigneeId === null ? [] : [assigneeId];
  const to: Addressee[] = isBreach || assigneeId === null ? [...assignee, 'leads'] : assignee;
  return { ...nothing, kind: isBreach ? 'sla-breached' : 'sla-warned', to, conversationId };
}

/** Whether the worker ended it, and no person did: its events have the job as their correlation. */
function isByJob({ correlationId, data }: EventOf<'conversation.bulk-job-changed'>): boolean {
  return correlationId === data.jobId;
}

const followedChanges: readonly string[] = [
  'state',
  'priority',
  'assignee',
  'escalated',
  'closed',
  'snoozed',
  'reopened',
];

/** The conversation whose members and watchers are told of an event; null for an event that does not matter to them. */
export function followedIn(event: NotableEvent) {
  const isFollowed =
    (event.type === 'conversation.changed' && followedChanges.includes(event.data.change)) ||
    (event.type === 'conversation.message-added' && event.data.author === 'buyer' && event.data.answers === undefined);
  return isFollowed ? event.data.conversation.conversationId : null;
}

/** The account whose notifications mean nothing any more after an event: it works, or its consent lasts. Null for others. */
export function settledIn(event: NotableEvent): SettledAccount | null {
  if (event.type === 'ingest.authorisation-changed' && event.data.change === 'renewed')
    return { accountId: event.data.accountId, kind: 'authorisation-expiring' };
  if (event.type === 'ingest.account-changed' && event.data.status !== 'reauthorise')
    return { accountId: event.data.accountId, kind: 'authorisation' };
  return null;
}

interface SettledAccount {
  readonly accountId: ChannelAccountId;
  readonly kind: NotificationKind;
}

/** The case whose watchers are told of an event; null for an event that does not matter to them. */
export function followedCaseIn(event: NotableEvent): CaseId | null {
  switch (event.type) {
    case 'conversation.case-assigned':
    case 'conversation.case-state-changed':
      return event.data.case.caseId;
    case 'conversation.case-changed':
      return event.data.change === 'note' ? event.data.case.caseId : null;
    default:
      return null;
  }
}

/** The person who caused an event. */
export function actorOf({ actor }: Pick<NotableEvent, 'actor'>): AgentId | null {
  return actor.kind === 'agent' ? parseId<AgentId>(actor.id ?? '') : null;
}
