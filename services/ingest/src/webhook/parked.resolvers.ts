import { toChannelName } from '@crossdesk/channels';
import { elementAt } from '@crossdesk/channels/adapters';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  inputId,
  pageSize,
  signedInAs,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { discardWebhook, replayParked } from './parked.commands.ts';
import { countParked, listParked, type ParkedRow } from '../raw/parked.store.ts';

const shownBytesMax = 64 * 1024;

export const parkedResolvers: Resolvers = {
  Query: {
    parkedWebhooks: async (_root, args, { request, deps }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const first = pageSize(args.first);
      const after = decodeKeyset(args.after);
      const rows = await deps.runtime.db.forTenant(tenantId, (trx) => listParked(trx, tenantId, first, after));
      const page = connectionOf(
        rows,
        { first, after: args.after },
        (row) => encodeKeyset({ at: row.received_at, id: row.id }),
        (row) => row,
      );
      return counted(page, () => deps.runtime.db.forTenant(tenantId, (trx) => countParked(trx, tenantId)));
    },
  },
  Mutation: {
    replayParkedWebhook: async (_root, { input }, { request, deps, directory }) => {
      signedInAs(request, 'supervisor', 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'replayParkedWebhook', (call) =>
        replayParked(deps, directory, call, inputId(input.parkedWebhookId)),
      );
      return toPayload('parkedWebhook', outcome);
    },
    discardParkedWebhook: async (_root, { input }, { request, deps }) => {
      signedInAs(request, 'supervisor', 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'discardParkedWebhook', (call) =>
        discardWebhook(deps, call, inputId(input.parkedWebhookId)),
      );
      return toPayload('parkedWebhook', outcome);
    },
  },
  ParkedWebhookConnection: countResolvers,
  ParkedWebhook: {
    channel: (row) => toChannelName(row.channel),
    account: (row, _args, context) => context.accounts.load(row.address_id),
    receivedAt: (row) => row.received_at,
    source: (row) => toEnum(row.source),
    body: shownBody,
    replayedAt: (row) => row.replayed_at,
  },
};

/** The element as text, or the body if it is not JSON. */
function shownBody({ at, body }: ParkedRow): string {
  const element = at === '' ? undefined : elementAt(body.toString('utf8'), at);
  const shown = element === undefined ? body : Buffer.from(JSON.stringify(element));
  return shown.subarray(0, shownBytesMax).toString('utf8');
}
