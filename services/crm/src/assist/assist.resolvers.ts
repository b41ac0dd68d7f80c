import { type ConversationId, parseId } from '@crossdesk/contracts';
import { signedIn, toEnum } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { assistWith } from './assist.domain.ts';
import { readAssistSource } from './assist.store.ts';
import { factWords } from './fact.domain.ts';
import { noOfferWords, offerWords } from './offer.domain.ts';

export const assistResolvers: Resolvers = {
  Query: {
    agentAssist: async (_, { conversationId: asked }, { request, app: { runtime, suppressionKey } }) => {
      const { tenantId } = signedIn(request);
      const conversationId = parseId<ConversationId>(asked);
      if (conversationId === null) return null;
      const source = await runtime.db.forTenant(tenantId, (trx) =>
        readAssistSource(trx, suppressionKey, { tenantId, conversationId }),
      );
      return source === null ? null : assistWith(source, runtime.clock.now());
    },
  },
  AgentAssist: {
    customer: ({ customerId }, _, { loaders }) => loaders.customers.load(customerId),
    greeting: ({ greeting: { localeFrom, partOfDay, regionFrom, ...greeting } }) => ({
      ...greeting,
      localeFrom: toEnum(localeFrom),
      partOfDay: partOfDay === null ? null : toEnum(partOfDay),
      regionFrom: regionFrom === null ? null : toEnum(regionFrom),
    }),
    bought: ({ bought }) => [...bought],
    open: ({ open }) => [...open],
    summary: ({ summary }) => [...summary],
    offers: ({ refusal, offers }) => {
      const [words, wordsZh] = refusal === null ? offerWords : noOfferWords[refusal];
      const shown = offers.map((offer) => ({ ...offer, becauseOf: [...offer.becauseOf] }));
      return { reason: refusal === null ? null : toEnum(refusal), words, wordsZh, offers: shown };
    },
  },
  AssistOrder: {
    order: ({ orderId: id }) => ({ id }),
    account: ({ accountId: id }) => ({ id }),
    total: ({ total }) => (total === null ? null : { amountMinor: String(total.minor), currency: total.currency }),
    skus: ({ skus }) => [...skus],
  },
  AssistFact: {
    kind: ({ kind }) => toEnum(kind),
    words: (one) => factWords(one)[0],
    wordsZh: (one) => factWords(one)[1],
    account: ({ accountId: id }) => (id === null ? null : { id }),
    customer: ({ customerId: id }, _, { loaders }) => (id === null ? null : loaders.customers.load(id)),
    conversation: ({ conversationId: id }) => (id === null ? null : { id }),
    order: ({ orderId: id }) => (id === null ? null : { id }),
    case: ({ caseId: id }) => (id === null ? null : { id }),
    followUp: ({ followUpId: id }, _, { loaders }) => (id === null ? null : loaders.followUps.load(id)),
  },
};
