import type { DecisionId } from '@crossdesk/contracts';
import { inputId, pageSize, signedIn, signedInAs, toEnum } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { outreachOf, readOutreach } from './outreach.store.ts';

export const outreachResolvers: Resolvers = {
  Query: {
    explainOutreach: (_, { id }, { request, app: { runtime } }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      return runtime.db.forTenant(tenantId, (trx) => readOutreach(trx, tenantId, inputId<DecisionId>(id)));
    },
  },
  Customer: {
    outreach: ({ id }, { first }, { request, app: { runtime } }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => outreachOf(trx, tenantId, id, pageSize(first)));
    },
  },
  Outreach: {
    kind: ({ kind }) => toEnum(kind),
    purpose: ({ purpose }) => toEnum(purpose),
    state: ({ state }) => toEnum(state),
    arm: ({ arm }) => (arm === null ? null : toEnum(arm)),
    checks: ({ trace }) => [...trace],
    conversation: ({ conversationId: id }) => (id === null ? null : { id }),
  },
  OutreachCheck: { isPassed: ({ passed }) => passed },
};
