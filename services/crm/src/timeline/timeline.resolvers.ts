import { connectionOf, decodeKeyset, encodeKeyset, pageSize, signedIn, toEnum } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { wordsOf } from './timeline.domain.ts';
import { readTimeline } from './timeline.store.ts';

export const timelineResolvers: Resolvers = {
  Customer: {
    timeline: async ({ id }, args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const page = { first: pageSize(args.first), after: decodeKeyset(args.after) };
      const found = await runtime.db.forTenant(tenantId, (trx) => readTimeline(trx, tenantId, id, page));
      return connectionOf(found, { first: page.first, after: args.after }, encodeKeyset, (one) => one);
    },
  },
  CustomerTimelineEntry: {
    kind: ({ kind }) => toEnum(kind),
    words: (one) => wordsOf(one)[0],
    wordsZh: (one) => wordsOf(one)[1],
    account: ({ accountId: id }) => (id === null ? null : { id }),
    conversation: ({ conversationId: id }) => (id === null ? null : { id }),
    order: ({ orderId: id }) => (id === null ? null : { id }),
    case: ({ caseId: id }) => (id === null ? null : { id }),
    followUp: ({ followUpId: id }, _, { loaders }) => (id === null ? null : loaders.followUps.load(id)),
    outreach: ({ outreachId: id }, _, { loaders }) => (id === null ? null : loaders.outreach.load(id)),
  },
};
