import { Type } from '@sinclair/typebox';
import { ChannelSchema } from '../channels.ts';
import { defineEvent } from '../define-event.ts';
import {
  AgentIdSchema,
  BulkJobIdSchema,
  CaseIdSchema,
  ChannelAccountIdSchema,
  ConversationIdSchema,
  FollowUpIdSchema,
  NotificationIdSchema,
  Nullable,
  OneOf,
  RoleIdSchema,
  TeamIdSchema,
} from '../scalars.ts';

// What concerns people and the work of a workspace as a whole, not one conversation.

export const agentChanged = defineEvent({
  type: 'conversation.agent-changed',
  version: 1,
  topic: 'conversation.agent',
  description: 'A person joined the workspace, or their role, custom role or access changed.',
  data: Type.Object({
    agentId: AgentIdSchema,
    displayName: Type.String(),
    role: OneOf(['agent', 'supervisor', 'admin']),
    isActive: Type.Boolean(),
    customRoleId: Type.Optional(Nullable(RoleIdSchema)),
  }),
  personal: null,
});

export const roleChanged = defineEvent({
  type: 'conversation.role-changed',
  version: 1,
  topic: 'conversation.agent',
  description: 'A custom role of the workspace was made, changed or deleted: what people with it see.',
  data: Type.Object({
    roleId: RoleIdSchema,
    name: Type.String(),
    storeIds: Nullable(Type.Array(ChannelAccountIdSchema, { description: 'the stores it includes; null: all' })),
    reach: OneOf(['all', 'teams', 'own'], 'which conversations of these stores it includes'),
    withheld: Type.Optional(Type.Array(Type.String(), { description: 'what people with it may not do' })),
    isDeleted: Type.Boolean(),
  }),
  personal: null,
});

export const teamChanged = defineEvent({
  type: 'conversation.team-changed',
  version: 1,
  topic: 'conversation.agent',
  description: 'A team was made, changed or archived. Its key is the team.',
  data: Type.Object({
    teamId: TeamIdSchema,
    name: Type.String(),
    isArchived: Type.Boolean(),
    memberIds: Type.Array(AgentIdSchema, { description: 'all members that it has now' }),
  }),
  personal: null,
});

export const dutyChanged = defineEvent({
  type: 'conversation.duty-changed',
  version: 1,
  topic: 'conversation.agent',
  description:
    'A person came to work or left, or can take more or less. The version counts the changes of their duty and skills.',
  data: Type.Object({
    agentId: AgentIdSchema,
    isOnDuty: Type.Boolean(),
    capacity: Type.Integer({ minimum: 0, description: 'conversations in which something is owed that they can have' }),
    isHandingOver: Type.Boolean({ description: 'they have left, and what they owe goes to others' }),
    reason: Type.Optional(
      OneOf(['not-opened'], 'why the queue put them off duty: they opened nothing of what they got'),
    ),
  }),
  personal: null,
});

export const skillsChanged = defineEvent({
  type: 'conversation.skills-changed',
  version: 1,
  topic: 'conversation.agent',
  description: 'What a person can do was changed.',
  data: Type.Object({
    agentId: AgentIdSchema,
    skills: Type.Array(
      Type.Object({
        kind: OneOf(['language', 'market', 'topic']),
        value: Type.String({ description: 'a language as BCP 47, a market as ISO 3166-1, or a word of the workspace' }),
        level: Type.Integer({ minimum: 1, maximum: 5, description: '1 is a beginner, 5 a native' }),
      }),
      { description: 'all skills that they have now' },
    ),
  }),
  personal: null,
});

export const routingChanged = defineEvent({
  type: 'conversation.routing-changed',
  version: 1,
  topic: 'conversation.agent',
  description: 'The workspace routes its conversations by other rules, or no longer. Its key is the workspace.',
  data: Type.Object({
    isOn: Type.Boolean(),
    rules: Type.Array(Type.String(), { description: 'the names of the rules, in their order' }),
  }),
  personal: null,
});

export const lintSettingsChanged = defineEvent({
  type: 'conversation.lint-settings-changed',
  version: 1,
  topic: 'conversation.agent',
  description: 'The workspace lets other rules of platforms pass with a warning than before.',
  data: Type.Object({
    lowered: Type.Array(
      Type.Object({
        channel: ChannelSchema,
        rule: Type.String({ description: 'a rule of docs/outgoing-lint.md, for instance contact-data' }),
      }),
      { description: 'all rules that only warn, of every channel' },
    ),
  }),
  personal: null,
});

export const agentNotified = defineEvent({
  type: 'conversation.agent-notified',
  version: 1,
  topic: 'conversation.notification',
  description:
    'Somebody is told of something, outside of their quiet hours. What it is about is read through the API, with their rights.',
  data: Type.Object({
    notificationId: NotificationIdSchema,
    agentId: AgentIdSchema,
    kind: OneOf([
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
    ]),
    conversationId: Nullable(ConversationIdSchema),
    caseId: Type.Optional(Nullable(CaseIdSchema)),
    followUpId: Type.Optional(FollowUpIdSchema),
  }),
  personal: null,
});

export const bulkJobChanged = defineEvent({
  type: 'conversation.bulk-job-changed',
  version: 1,
  topic: 'conversation.work',
  description:
    'A job that does one thing in many conversations was created, started, paused, resumed or cancelled, or has come further.',
  data: Type.Object({
    jobId: BulkJobIdSchema,
    agentId: AgentIdSchema,
    action: OneOf([
      'reply',
      'note',
      'assign',
      'set-state',
      'set-priority',
      'add-tags',
      'remove-tags',
      'set-attributes',
    ]),
    state: OneOf(
      ['draft', 'ready', 'running', 'paused', 'done', 'cancelled'],
      'draft: what it would do is being found out; ready: that is known, and it waits to be started',
    ),
    targetCount: Type.Integer({ minimum: 1, description: 'conversations' }),
    checkedCount: Type.Integer({ minimum: 0, description: 'conversations for which it is known what it would do' }),
    settledCount: Type.Integer({ minimum: 0, description: 'conversations for which something has come of it' }),
    refusedCount: Type.Integer({ minimum: 0, description: 'those of them in which it was refused' }),
  }),
  personal: null,
});
