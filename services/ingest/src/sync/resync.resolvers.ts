import { type ChannelAccountId, parseId } from '@crossdesk/contracts';
import {
  connectionOf,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { requestResync } from './resync.commands.ts';
import { listResyncs, type ResyncPart } from './resync.store.ts';

const syncKinds = ['messages', 'orders'] as const;

export const resyncResolvers: Resolvers = {
  Query: {
    resyncs: async (_root, { accountId: text, ...args }, { request, deps }) => {
      const { tenantId } = signedIn(request);
      const first = pageSize(args.first);
      const after = decodeKeyset(args.after)?.id ?? null;
      const accountId = parseId<ChannelAccountId>(text);
      const rows =
        accountId === null
          ? []
          : await deps.runtime.db.forTenant(tenantId, (trx) => listResyncs(trx, tenantId, accountId, { first, after }));
      return connectionOf(
        rows,
        { first, after: args.after },
        ({ created_at: at, id }) => encodeKeyset({ at, id }),
        (row) => row,
      );
    },
  },
  Mutation: {
    resync: async (_root, { input }, { request, deps }) => {
      signedInAs(request, 'supervisor', 'admin');
      const kinds = input.kinds?.map((kind) => fromEnum(syncKinds, kind)) ?? null;
      const wish = {
        accountId: inputId<ChannelAccountId>(input.accountId),
        kinds,
        from: input.from,
        to: input.to ?? null,
      };
      const outcome = await deps.runtime.commands.asked(request, 'resync', (call) => requestResync(deps, call, wish));
      return toPayload('resync', outcome);
    },
  },
  Resync: {
    reason: ({ reason }) => toEnum(reason),
    from: ({ from_at }) => from_at,
    to: ({ to_at }) => to_at,
    createdAt: ({ created_at }) => created_at,
    state: async ({ id }, _args, { resyncParts }) => toEnum(stateOf(await resyncParts.load(id))),
    parts: ({ id }, _args, { resyncParts }) => resyncParts.load(id),
  },
  ResyncPart: {
    kind: ({ kind }) => toEnum(kind),
    state: ({ state }) => toEnum(state),
    nextDueAt: ({ state, due_at }) => (state === 'running' ? due_at : null),
    lastError: ({ last_error }) => last_error,
    endedAt: ({ ended_at }) => ended_at,
  },
};

function stateOf(parts: readonly Pick<ResyncPart, 'state'>[]): ResyncPart['state'] {
  const has = (state: ResyncPart['state']) => parts.some((part) => part.state === state);
  return has('running') ? 'running' : has('failed') ? 'failed' : 'done';
}
