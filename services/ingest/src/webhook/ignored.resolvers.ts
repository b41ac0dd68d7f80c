import { toChannelName } from '@crossdesk/channels';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  pageSize,
  signedInAs,
  toEnum,
} from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { countIgnoredRows, listIgnored } from '../raw/ignored.store.ts';

export const ignoredResolvers: Resolvers = {
  Query: {
    ignoredEvents: async (_root, args, { request, deps }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const first = pageSize(args.first);
      const after = decodeKeyset(args.after);
      const rows = await deps.runtime.db.forTenant(tenantId, (trx) => listIgnored(trx, tenantId, first, after));
      const page = connectionOf(
        rows,
        { first, after: args.after },
        (row) => encodeKeyset({ at: row.first_at, id: row.id }),
        (row) => row,
      );
      return counted(page, () => deps.runtime.db.forTenant(tenantId, (trx) => countIgnoredRows(trx, tenantId)));
    },
  },
  IgnoredEventsConnection: countResolvers,
  IgnoredEvents: {
    channel: (row) => toChannelName(row.channel),
    account: (row, _args, context) => context.accounts.load(row.address_id),
    reason: (row) => toEnum(row.reason),
    count: (row) => Number(row.count),
    firstAt: (row) => row.first_at,
    lastAt: (row) => row.last_at,
  },
};
