import { type AgentId, type EventOf, parseId } from '@crossdesk/contracts';
import { nothing, type NotificationKind, type NotificationSubject } from './notification.domain.ts';

/** The events of which people are told. */
export type NotableEvent =
  | EventOf<'conversation.changed'>
  | EventOf<'conversation.message-added'>
  | EventOf<'conversation.bulk-job-changed'>
  | EventOf<'ingest.account-changed'>;

/** What to tell of an event, and whom: one person, or everybody who leads the workspace. */
export interface Notice extends NotificationSubject {
  readonly kind: NotificationKind;
  readonly to: AgentId | 'leads';
}

/** Null for an event that concerns nobody in particular. Nobody is told of what they did themselves. */
export function noticeOf(event: NotableEvent): Notice | null {
  switch (event.type) {
    case 'conversation.changed':
      return noticeOfChange(event);
    case 'conversation.message-added': {
      const { conversation, author } = event.data;
      const { conversationId, assigneeId } = conversation;
      if (author !== 'buyer' || assigneeId === null) return null;
      return { ...nothing, kind: 'message', to: assigneeId, conversationId };
    }
    case 'conversation.bulk-job-changed': {
      const { jobId, agentId, state } = event.data;
      const isOver = state === 'done' || (state === 'cancelled' && isByJob(event));
      return isOver ? { ...nothing, kind: 'bulk-done', to: agentId, jobId } : null;
    }
    case 'ingest.account-changed': {
      const { accountId, status } = event.data;
      return status === 'reauthorise' ? { ...nothing, kind: 'authorisation', to: 'leads', accountId } : null;
    }
  }
}

function noticeOfChange({ data, actor }: EventOf<'conversation.changed'>): Notice | null {
  const { conversationId, assigneeId } = data.conversation;
  if (data.change === 'escalated') return { ...nothing, kind: 'escalated', to: assigneeId ?? 'leads', conversationId };
  const isToAnother = assigneeId !== null && assigneeId !== parseId<AgentId>(actor.id ?? '');
  return data.change === 'assignee' && isToAnother
    ? { ...nothing, kind: 'assigned', to: assigneeId, conversationId }
    : null;
}

/** Whether the worker ended it, and no person did: its events have the job as their correlation. */
function isByJob({ correlationId, data }: EventOf<'conversation.bulk-job-changed'>): boolean {
  return correlationId === data.jobId;
}
