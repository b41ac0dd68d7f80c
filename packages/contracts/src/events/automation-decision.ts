import { Type } from '@sinclair/typebox';
import { MessageContentSchema } from '../content.ts';
import { defineEvent } from '../define-event.ts';
import { erasedReply } from '../personal.ts';
import {
  AgentIdSchema,
  ConversationIdSchema,
  DecisionIdSchema,
  ErasedRowsSchema,
  ErasureIdSchema,
  MessageIdSchema,
  Nullable,
  OneOf,
  RuleIdSchema,
  TemplateIdSchema,
  TemplateVariantIdSchema,
} from '../scalars.ts';

const RuleSchema = Nullable(
  Type.Object({ ruleId: RuleIdSchema, version: Type.Integer({ minimum: 1, description: 'the version that decided' }) }),
);

export const replyDecided = defineEvent({
  type: 'automation.reply-decided',
  version: 1,
  topic: 'automation.decision',
  description:
    'A message to the buyer was decided. The conversation service writes it once, or refuses it, and answers with `conversation.decision-settled`. The actor is the rule or the bot, or the person who sends a template.',
  data: Type.Object({
    decisionId: DecisionIdSchema,
    conversationId: ConversationIdSchema,
    rule: RuleSchema,
    messageId: MessageIdSchema,
    purpose: OneOf(
      ['answer', 'acknowledgement', 'notice', 'agent'],
      'answer: to what the buyer wrote; acknowledgement: says when a person will answer; notice: news the buyer did not ask for; agent: a person sends it',
    ),
    basedOnVersion: Nullable(
      Type.Integer({
        minimum: 0,
        description:
          'the version of the conversation that was known. An answer or acknowledgement is refused if a person has acted since (TURN_TAKEN), an answer also if the buyer has written again (NEWER_MESSAGE)',
      }),
    ),
    basis: Type.Optional(
      Type.Object(
        {
          contentVersion: Type.Integer({ minimum: 0, description: 'Conversation.contentVersion that was read' }),
          ignoreAnsweredElsewhere: Type.Boolean(),
        },
        {
          description:
            'what the person who sends it knew: it is refused if there is something newer (STALE_DRAFT, ANSWERED_ELSEWHERE)',
        },
      ),
    ),
    content: MessageContentSchema,
    template: Nullable(
      Type.Object({
        templateId: TemplateIdSchema,
        variantId: TemplateVariantIdSchema,
        locale: Type.String({ description: 'BCP 47: the language of the message' }),
      }),
    ),
  }),
  personal: { erase: (data) => ({ ...data, content: erasedReply }) },
});

export const actionDecided = defineEvent({
  type: 'automation.action-decided',
  version: 1,
  topic: 'automation.decision',
  description:
    'A change of a conversation was decided. The conversation service carries it out once, or refuses it, and answers with `conversation.decision-settled`.',
  data: Type.Object({
    decisionId: DecisionIdSchema,
    conversationId: ConversationIdSchema,
    rule: RuleSchema,
    action: Type.Union([
      Type.Object({ kind: Type.Literal('assign'), agentId: Nullable(AgentIdSchema) }),
      Type.Object({
        kind: Type.Literal('set-state'),
        state: OneOf(['unread', 'pending', 'handled', 'transferred']),
      }),
      Type.Object({
        kind: Type.Literal('add-tag'),
        tag: Type.String({ description: 'the name of a tag; a new one becomes a tag of the workspace' }),
      }),
      Type.Object({ kind: Type.Literal('set-priority'), priority: OneOf(['low', 'normal', 'high', 'urgent']) }),
      Type.Object(
        {
          kind: Type.Literal('escalate'),
          priority: OneOf(['high', 'urgent']),
          agentId: Nullable(AgentIdSchema),
          note: Type.String({ description: 'why, for the person who takes over' }),
        },
        {
          description:
            'call a person: at least this priority, an answer is owed, assigned to the agent if one is named and nobody has it, and a note',
        },
      ),
    ]),
  }),
  personal: {
    erase: (data) => ({
      ...data,
      action: data.action.kind === 'escalate' ? { ...data.action, note: '' } : data.action,
    }),
  },
});

export const handoverDecided = defineEvent({
  type: 'automation.handover-decided',
  version: 1,
  topic: 'automation.decision',
  description:
    'The bot leaves the conversation to people. What presses comes with an `action-decided` that escalates, and what the buyer is told with a `reply-decided` for the purpose acknowledgement.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    reason: Type.String({ description: 'why a machine does not answer, for instance WANTS_PERSON; the list is open' }),
    promisedBy: Nullable(
      Type.String({ format: 'date-time', description: 'when the buyer was told that they will have an answer' }),
    ),
  }),
  personal: null,
});

export const automationErased = defineEvent({
  type: 'automation.personal-data-erased',
  version: 1,
  topic: 'automation.erasure',
  description: 'Automation no longer holds personal data of this conversation from before the erasure.',
  data: Type.Object({
    erasureId: ErasureIdSchema,
    conversationId: ConversationIdSchema,
    rows: ErasedRowsSchema,
  }),
  personal: null,
});
