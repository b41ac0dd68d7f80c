import type { MessageId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
} from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { countUnknown, listUnknown } from './delivery.store.ts';
import { resolveUnknown } from './resolve-unknown.ts';

export const deliveryResolvers: Resolvers = {
  Query: {
    unknownDeliveries: async (_root, args, { request, deps }) => {
      const { tenantId } = signedIn(request);
      const first = pageSize(args.first);
      const after = decodeKeyset(args.after);
      const rows = await deps.runtime.db.forTenant(tenantId, (trx) => listUnknown(trx, tenantId, first, after));
      const page = connectionOf(
        rows,
        { first, after: args.after },
        (row) => encodeKeyset({ at: row.attempted_at ?? new Date(0), id: row.message_id }),
        (row) => row,
      );
      return counted(page, () => deps.runtime.db.forTenant(tenantId, (trx) => countUnknown(trx, tenantId)));
    },
  },
  Mutation: {
    resolveUnknownDelivery: async (_root, { input }, { request, deps }) => {
      signedInAs(request, 'supervisor', 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'resolveUnknownDelivery', (call) =>
        resolveUnknown(deps, call, inputId<MessageId>(input.messageId), input.decision),
      );
      return outcome.ok
        ? { message: { id: outcome.value }, errors: [] }
        : { message: null, errors: [...outcome.errors] };
    },
  },
  UnknownDeliveryConnection: countResolvers,
  UnknownDelivery: {
    message: (row) => ({ id: row.message_id }),
    account: async (row, _args, context) => {
      const account = await context.accounts.load(row.account_id);
      if (account === null) throw new Error('a delivery without its channel account');
      return account;
    },
    attemptedAt: (row) => row.attempted_at ?? new Date(0),
  },
};
