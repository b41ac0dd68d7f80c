import { signedIn, toEnum } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { pointsOf } from './contact.store.ts';

export const contactResolvers: Resolvers = {
  Customer: {
    reachability: ({ id }, _, { request, app: { runtime } }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => pointsOf(trx, tenantId, id));
    },
  },
  ContactPoint: {
    conversation: ({ conversationId: id }) => ({ id }),
    account: ({ accountId: id }) => ({ id }),
    softBounceCount: ({ softBounces }) => softBounces.length,
    unreachableReason: ({ unreachableReason }) => (unreachableReason === null ? null : toEnum(unreachableReason)),
  },
};
