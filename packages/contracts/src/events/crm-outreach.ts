import { Type } from '@sinclair/typebox';
import { MessageContentSchema } from '../content.ts';
import { defineEvent } from '../define-event.ts';
import { erasedReply } from '../personal.ts';
import {
  ChannelAccountIdSchema,
  ConversationIdSchema,
  DecisionIdSchema,
  instant,
  MessageIdSchema,
  OneOf,
} from '../scalars.ts';

export const outreachMessageDecided = defineEvent({
  type: 'crm.message-decided',
  version: 1,
  topic: 'crm.outreach',
  description:
    'A message that the buyer did not ask for was decided, after every check of crm. The conversation service writes it once, or refuses it, and answers with `conversation.decision-settled`.',
  data: Type.Object({
    decisionId: DecisionIdSchema,
    conversationId: ConversationIdSchema,
    accountId: ChannelAccountIdSchema,
    messageId: MessageIdSchema,
    kind: OneOf(['stage-notice', 'survey', 'campaign'], 'what planned it; more kinds will come'),
    purpose: OneOf(['service', 'marketing']),
    content: MessageContentSchema,
    notAfter: instant('it is refused after this time (TOO_LATE)'),
  }),
  personal: { erase: (data) => ({ ...data, content: erasedReply }) },
});
