import { fromChannelName } from '@crossdesk/channels';
import { type ConversationId, parseId, type TenantId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import { isBlank, signedIn } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../../graphql-context.ts';
import type * as graphql from '../../graphql.generated.ts';
import { detectLanguage } from '../../language/detect-language.ts';
import { type Known, knownOf } from '../../recipient/known-facts.ts';
import { articlesByIds } from '../article/article.store.ts';
import { noteGap } from '../gap/gap.commands.ts';
import { findPassages } from './find-passages.ts';

const questionCharactersMax = 1_000;
const passagesMax = 20;

export const answerResolvers: graphql.Resolvers = {
  Query: {
    answer: async (_, args, context) => {
      const { tenantId } = signedIn(context.request);
      const { runtime, knowledge } = context.app;
      const asked = typeof args.conversationId === 'string';
      const known = asked ? await knownConversation(context, tenantId, args.conversationId ?? '') : null;
      if (asked && known === null) return null;
      const question = questionIn(args, known);
      const first = Math.min(passagesMax, Math.max(1, args.first));
      const passages = await findPassages(knowledge, tenantId, question, first);
      const { text } = question;
      if (passages.length > 0 || isBlank(text)) return { passages, gap: null };
      const language = detectLanguage(text).language ?? question.locale;
      const conversationId = known?.facts.conversation_id ?? null;
      const gap = { tenantId, language, text, conversationId };
      return { passages, gap: await runtime.db.forTenant(tenantId, (trx) => noteGap(trx, gap, runtime.clock.now())) };
    },
  },
  KnowledgePassage: {
    article: ({ articleId }, _, { loaders }) => loaders.loadPresent(articlesByIds, articleId),
    start: ({ part }) => part.start,
    end: ({ part }) => part.end,
  },
};

function knownConversation({ app: { runtime } }: GraphqlContext, tenantId: TenantId, text: string) {
  const id = parseId<ConversationId>(text);
  return id === null ? null : runtime.db.forTenant(tenantId, (trx) => knownOf(trx, tenantId, id));
}

function questionIn(args: graphql.QueryAnswerArgs, known: Known | null) {
  return {
    text: args.question.slice(0, questionCharactersMax),
    locale: canonicalLocale(args.locale) ?? 'und',
    sku: args.sku ?? null,
    market: args.market?.toUpperCase() ?? known?.recipient.market ?? null,
    channel: args.channel ? fromChannelName(args.channel) : (known?.recipient.channel ?? null),
    isForBuyers: args.isForBuyers ?? false,
  };
}
