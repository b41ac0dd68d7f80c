import type {
  AgentId,
  BulkJobId,
  CaseId,
  ChannelAccountId,
  ConversationId,
  EventId,
  FollowUpId,
  NoteId,
  NotificationId,
  TenantId,
} from '@crossdesk/contracts';

export const notificationKinds = [
  'assigned',
  'message',
  'mentioned',
  'watched',
  'sla-warned',
  'sla-breached',
  'escalated',
  'bulk-done',
  'authorisation',
  'authorisation-expiring',
  'case-assigned',
  'case-warned',
  'case-breached',
  'case-watched',
  'put-off-duty',
  'follow-up-due',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** What a notification is about; ids only. */
export interface NotificationSubject {
  readonly conversationId: ConversationId | null;
  readonly jobId: BulkJobId | null;
  readonly accountId: ChannelAccountId | null;
  readonly caseId: CaseId | null;
  readonly aboutAgentId: AgentId | null;
  readonly followUpId: FollowUpId | null;
  /** The note that says it. */
  readonly noteId: NoteId | null;
}

/** Somebody is to be told of an event. */
export interface Wish extends NotificationSubject {
  readonly tenantId: TenantId;
  readonly agentId: AgentId;
  readonly eventId: EventId;
  readonly kind: NotificationKind;
  /** The colleague who did it; null for buyers, rules and Crossdesk itself. */
  readonly actorId: AgentId | null;
}

export interface Notification extends Wish {
  readonly id: NotificationId;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

export const nothing: NotificationSubject = {
  conversationId: null,
  jobId: null,
  accountId: null,
  caseId: null,
  aboutAgentId: null,
  followUpId: null,
  noteId: null,
};

/** An event of the stream: the notification it brings, and its reader. */
export interface NotificationEvent {
  readonly id: EventId;
  readonly notificationId: NotificationId;
  readonly agentId: AgentId;
}
