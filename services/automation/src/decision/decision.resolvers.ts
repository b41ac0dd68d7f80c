import { type ConversationId, type DecisionId, parseId, type TemplateId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  inputId,
  pageSize,
  signedIn,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import type { ConversationReference } from '../conversation/latest-facts.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type * as graphql from '../graphql.generated.ts';
import type { RecordedDecision } from './decision.domain.ts';
import { decisionCounts, decisionPages, decisionsByIds } from './decision.store.ts';
import { templatesByIds } from '../template/template.store.ts';
import { sendTemplate } from './send-template.commands.ts';

export const decisionResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: { automationDecision: (_, { id }, context) => decisionById(id, context) },
  Mutation: {
    sendTemplate: async (_, { input }, { app: { runtime }, request }) => {
      const wanted = {
        clientMutationId: input.clientMutationId,
        conversationId: inputId<ConversationId>(input.conversationId),
        templateId: inputId<TemplateId>(input.templateId),
        locale: input.locale ?? null,
        market: input.market?.toUpperCase() ?? null,
        values: new Map((input.values ?? []).map(({ name, value }) => [name, value])),
        basis: input.basis ?? null,
        ignoreAnsweredElsewhere: input.ignoreAnsweredElsewhere ?? false,
      };
      const outcome = await runtime.commands.asked(request, 'sendTemplate', (call) =>
        sendTemplate(runtime, call, wanted),
      );
      return { ...toPayload('decision', outcome), clientMutationId: input.clientMutationId };
    },
  },
  Conversation: {
    __resolveReference: ({ id }) => ({ id }),
    automationDecisions: async ({ id }: ConversationReference, args, { loaders, request }) => {
      signedIn(request);
      const conversationId = inputId<ConversationId>(id);
      const first = pageSize(args.first);
      const after = parseId<DecisionId>(decodeKeyset(args.after)?.id ?? '');
      const found = (await loaders.load(decisionPages, conversationId, { first, after })) ?? [];
      const page = connectionOf(
        found,
        { first, after: args.after },
        (row) => encodeKeyset({ at: row.decidedAt, id: row.id }),
        (row) => row,
      );
      return counted(page, async () => (await loaders.load(decisionCounts, conversationId)) ?? 0);
    },
  },
  AutomationDecisionConnection: countResolvers,
  AutomationDecision: {
    __resolveReference: ({ id }, context) => decisionById(id, context),
    conversation: ({ conversationId }) => ({ id: conversationId }),
    kind: ({ kind }) => toEnum(kind),
    ruleId: ({ rule }) => rule?.ruleId ?? null,
    ruleVersion: ({ rule }) => rule?.version ?? null,
    purpose: ({ reply }) => (reply === null ? null : toEnum(reply.purpose)),
    messageId: ({ reply }) => reply?.messageId ?? null,
    text: textOf,
    template: ({ reply }, _, { loaders }) =>
      reply === null || reply.template === null ? null : loaders.load(templatesByIds, reply.template.templateId),
    locale: ({ reply }) => reply?.template?.locale ?? null,
    outcome: ({ outcome }) => (outcome === null ? null : toEnum(outcome)),
  },
};

function textOf({ reply, action }: RecordedDecision): string | null {
  if (reply?.content.kind === 'text') return reply.content.text;
  return action?.kind === 'escalate' ? action.note : null;
}

function decisionById(text: string, { loaders, request }: GraphqlContext): Promise<RecordedDecision | null> | null {
  signedIn(request);
  const id = parseId<DecisionId>(text);
  return id === null ? null : loaders.load(decisionsByIds, id);
}
