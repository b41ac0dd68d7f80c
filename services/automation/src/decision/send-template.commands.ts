import { type ConversationId, type MessageId, newId, type TemplateId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  type CommandCall,
  makeOnce,
  type Outcome,
  refuse,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { templatesByIds } from '../template/template.store.ts';
import { type RecordedDecision, recorded, type ReplyDecision } from './decision.domain.ts';
import { decisionsByIds } from './decision.store.ts';
import { knownOf } from '../recipient/known-facts.ts';
import { withGiven } from '../recipient/recipient.domain.ts';
import { recordDecisions } from './record-decisions.ts';
import { refuseSending, templateReply } from './template-reply.domain.ts';

export interface SendTemplateInput {
  readonly clientMutationId: string;
  readonly conversationId: ConversationId;
  readonly templateId: TemplateId;
  /** BCP 47; null: the language of the buyer's last message. */
  readonly locale: string | null;
  /** ISO 3166-1; null: where the order goes. */
  readonly market: string | null;
  /** Those given here come before those of the order. */
  readonly values: ReadonlyMap<string, string>;
  /** The contentVersion of the conversation that its sender read; null: they do not say. */
  readonly basis: number | null;
  readonly ignoreAnsweredElsewhere: boolean;
}

type Refusal =
  | 'CLIENT_ID_REUSED'
  | 'INVALID_INPUT'
  | 'KIND_NOT_SUPPORTED'
  | 'NOT_FOUND'
  | 'TEMPLATE_NOT_RENDERED'
  | 'TEXT_TOO_LONG'
  | 'WINDOW_CLOSED';

/** Decides a message with the words of a template, once per clientMutationId. The conversation service writes it. */
export async function sendTemplate(
  deps: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  call: CommandCall<DB>,
  input: SendTemplateInput,
): Promise<Outcome<RecordedDecision, Refusal>> {
  const { trx, actor, origin } = call;
  const { tenantId } = actor;
  const { clientMutationId, conversationId, templateId, locale, market, values } = input;
  const content = [conversationId, templateId, locale, market, JSON.stringify([...values])];
  return makeOnce<DB, RecordedDecision, Refusal>(
    call,
    { kind: 'template-message', clientMutationId, content },
    {
      find: async (id) => (await decisionsByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const known = await knownOf(trx, tenantId, conversationId);
        if (known === null) return noConversation;
        const template = (await templatesByIds(trx, tenantId, [templateId])).get(templateId);
        if (template === undefined) return noTemplate;
        const recipient = withGiven(known.recipient, { locale, market });
        const reply = templateReply(template, recipient, new Map([...known.values, ...values]));
        if (!reply.ok) return reply;
        const now = deps.clock.now();
        const refusal = refuseSending(known.facts, reply.value.content, now);
        if (refusal !== null) return refusal;
        const decision: ReplyDecision = { ...reply.value, ...blank(), ...basisOf(input), tenantId, conversationId };
        const made = recorded(decision, agentOf(actor), now);
        return accept({ made, record: () => recordDecisions(deps, trx, [{ decision, origin }]) });
      },
    },
  );
}

/** What a person decides holds whatever has happened since. */
function blank(): Pick<ReplyDecision, 'kind' | 'id' | 'messageId' | 'purpose' | 'rule' | 'basedOnVersion'> {
  return {
    kind: 'reply',
    id: newId(),
    messageId: newId<MessageId>(),
    purpose: 'agent',
    rule: null,
    basedOnVersion: null,
  };
}

function basisOf({
  basis,
  ignoreAnsweredElsewhere,
}: Pick<SendTemplateInput, 'basis' | 'ignoreAnsweredElsewhere'>): Pick<ReplyDecision, 'basis'> {
  return basis === null ? {} : { basis: { contentVersion: basis, ignoreAnsweredElsewhere } };
}

const noConversation = refuse(
  'NOT_FOUND',
  'conversationId',
  'There is no conversation with this id in your workspace, or it has just begun: try again in a second.',
);

const noTemplate = refuse('NOT_FOUND', 'templateId', 'There is no template with this id: take one from templates.');
