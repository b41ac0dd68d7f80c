import type { CustomerId, MergeProposalId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  type Decision,
  decodeKeyset,
  encodeKeyset,
  inputId,
  pageSize,
  refuseLimited,
  signedIn,
  toEnum,
} from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type { GraphqlContext } from '../graphql-context.ts';
import type { CustomerRow, Loaders } from '../crm.loaders.ts';
import type * as graphql from '../graphql.generated.ts';
import { seesAll } from '../value/stats/sees-all.ts';
import {
  blockKey,
  type Decided,
  decideProposal,
  keepApart,
  mergeCustomers,
  undoMerge,
  unblockKey,
} from './identity.commands.ts';
import { countOpenProposals, openProposals, type ProposalRow } from './proposal.store.ts';

/** A number or address that both have is right in nearly all cases; what platforms and people say is taken as said. */
const sharedKeyConfidence = 0.97;

export const identityResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    mergeProposals: async (_, args, { request, app: { runtime } }) => {
      const caller = signedIn(request);
      const refusal = refuseLimited(caller);
      if (refusal !== null)
        throw new GraphQLError(refusal.errors[0]?.message ?? '', { extensions: { code: 'FORBIDDEN' } });
      const { tenantId } = caller;
      const first = pageSize(args.first);
      const rows = await runtime.db.forTenant(tenantId, (trx) =>
        openProposals(trx, tenantId, { first, after: decodeKeyset(args.after) }),
      );
      const cursorOf = ({ id, found_at: at }: ProposalRow) => encodeKeyset({ at, id });
      const page = connectionOf(rows, { first, after: args.after }, cursorOf, (row) => row);
      return counted(page, () => runtime.db.forTenant(tenantId, (trx) => countOpenProposals(trx, tenantId)));
    },
  },
  Mutation: {
    mergeCustomers: async (_, { input }, { request, app: { runtime }, loaders }) => {
      const wish = pairIn(input.customerId, input.otherCustomerId, input.reason);
      const outcome = await runtime.commands.asked(request, 'mergeCustomers', (call) =>
        mergeCustomers(runtime, call, wish),
      );
      return answer(outcome, loaders);
    },
    undoMerge: async (_, { input }, { request, app: { runtime }, loaders }) => {
      const wish = pairIn(input.profileId, input.otherProfileId, input.reason);
      const outcome = await runtime.commands.asked(request, 'undoMerge', (call) => undoMerge(runtime, call, wish));
      return answer(outcome, loaders);
    },
    keepApart: async (_, { input }, { request, app: { runtime }, loaders }) => {
      const wish = pairIn(input.profileId, input.otherProfileId, input.reason);
      const outcome = await runtime.commands.asked(request, 'keepApart', (call) => keepApart(runtime, call, wish));
      return answer(outcome, loaders);
    },
    blockIdentityKey: async (_, { input }, { request, app: { runtime }, loaders }) => {
      const wish = { ...keyIn(input), reason: input.reason };
      const outcome = await runtime.commands.asked(request, 'blockIdentityKey', (call) =>
        blockKey(runtime, call, wish),
      );
      return answer(outcome, loaders);
    },
    unblockIdentityKey: async (_, { input }, { request, app: { runtime }, loaders }) => {
      const outcome = await runtime.commands.asked(request, 'unblockIdentityKey', (call) =>
        unblockKey(runtime, call, keyIn(input)),
      );
      return answer(outcome, loaders);
    },
    decideProposal: async (_, { input }, { request, app: { runtime }, loaders }) => {
      const { isOne, reason } = input;
      const wish = { proposalId: inputId<MergeProposalId>(input.proposalId), isOne, reason };
      const outcome = await runtime.commands.asked(request, 'decideProposal', (call) =>
        decideProposal(runtime, call, wish),
      );
      return answer(outcome, loaders);
    },
  },
  Customer: {
    profiles: ({ id }, _, { loaders }) => loaders.profilesOf.load(id),
    mergeEdges: ({ id }, _, { loaders, request }) => (seesAll(request) ? loaders.edgesOf.load(id) : []),
  },
  CustomerProfile: {
    account: ({ account_id: id }) => (id === null ? null : { id }),
    externalId: ({ value }) => value,
    displayName: ({ display_name: name }) => name,
    firstSeenAt: ({ first_seen_at: at }) => at,
  },
  MergeEdge: {
    evidence: ({ evidence }) => toEnum(evidence),
    profileIds: ({ pair }) => [...pair],
    key: ({ evidence, key }) => (evidence === 'phone' || evidence === 'email' ? key : null),
    confidence: ({ evidence }) => (evidence === 'phone' || evidence === 'email' ? sharedKeyConfidence : 1),
    decidedBy: ({ decidedBy: id }) => (id == null ? null : { id }),
    reason: ({ reason }) => reason ?? null,
  },
  MergeProposal: {
    customers: async ({ profile_a, profile_b }, _, { loaders }) => customersOf([profile_a, profile_b], loaders),
    reasons: ({ reasons }) => reasons.map(toEnum),
    foundAt: ({ found_at: at }) => at,
  },
  MergeProposalConnection: countResolvers,
};

function pairIn(profileId: string, otherProfileId: string, reason: string) {
  return { profileId: inputId<CustomerId>(profileId), otherProfileId: inputId<CustomerId>(otherProfileId), reason };
}

/** People paste numbers with spaces and addresses in capitals; identities are kept without. */
function keyIn({ kind, value }: { readonly kind: graphql.BlockableKey; readonly value: string }) {
  return kind === 'PHONE'
    ? { kind: 'phone' as const, value: value.normalize('NFKC').replace(/[\s().-]/g, '') }
    : { kind: 'email' as const, value: value.normalize('NFKC').trim().toLowerCase() };
}

async function answer<Code extends string>(outcome: Decision<Decided, Code>, loaders: Loaders) {
  if (!outcome.ok) return { customers: [], stillJoinedBy: [], errors: [...outcome.errors] };
  const { profileIds, stillJoinedBy } = outcome.value;
  return { customers: await customersOf(profileIds, loaders), stillJoinedBy: [...stillJoinedBy], errors: [] };
}

/** The customers that profiles belong to, each once. */
async function customersOf(profileIds: readonly CustomerId[], { customers }: Loaders): Promise<CustomerRow[]> {
  const found = await Promise.all(profileIds.map((id) => customers.load(id)));
  return [...new Map(found.flatMap((row) => (row === null ? [] : [[row.id, row] as const]))).values()];
}
