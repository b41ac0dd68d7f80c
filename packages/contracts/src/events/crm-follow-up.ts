import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import {
  AgentIdSchema,
  ConversationIdSchema,
  CustomerIdSchema,
  FollowUpIdSchema,
  Instant,
  instant,
  Nullable,
} from '../scalars.ts';

// What somebody has promised to do for a customer. Its text stays in crm and is read through the API only.

/** The fields that both events of a follow-up repeat. */
const followUpFields = {
  followUpId: FollowUpIdSchema,
  customerId: CustomerIdSchema,
  /** The profile it hangs on: it stays the same when customers are merged. */
  profileId: CustomerIdSchema,
  conversationId: Nullable(ConversationIdSchema),
  ownerId: AgentIdSchema,
  occurrence: Type.Integer({ minimum: 1, description: 'one more each time that a recurring one was completed' }),
};

export const followUpDue = defineEvent({
  type: 'crm.follow-up-due',
  version: 1,
  topic: 'crm.customer',
  description: 'A follow-up is due. Told once for a due time; one that was snoozed is told again at its new time.',
  data: Type.Object({ ...followUpFields, dueAt: Instant }),
  personal: null,
});

export const followUpCompleted = defineEvent({
  type: 'crm.follow-up-completed',
  version: 1,
  topic: 'crm.customer',
  description: 'Somebody did what a follow-up reminded of. A recurring one is due again.',
  data: Type.Object({
    ...followUpFields,
    dueAt: instant('when the occurrence that was completed was due'),
    completedBy: Nullable(AgentIdSchema),
    nextDueAt: Nullable(instant('when it is due again; null for one that is done')),
  }),
  personal: null,
});
