import { type CustomerId, type ErasureId, parseId, type ServiceName } from '@crossdesk/contracts';
import { crashPoint, inputId, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../graphql-context.ts';
import type { MutationEraseCustomerArgs, Resolvers } from '../graphql.generated.ts';
import { eraseCustomer } from './erasure.commands.ts';
import { erasingServices, type LedgerEntry } from './erasure.domain.ts';
import { type Part, readParts } from './erasure.store.ts';

async function erasureById({ id }: { id: string }, { loaders }: GraphqlContext): Promise<LedgerEntry | null> {
  const erasureId = parseId<ErasureId>(id);
  return erasureId === null ? null : loaders.erasures.load(erasureId);
}

async function erase({ input }: MutationEraseCustomerArgs, { request, app: { runtime } }: GraphqlContext) {
  const wanted = { customerId: inputId<CustomerId>(input.customerId), isRepeat: input.isRepeat === true };
  const outcome = await runtime.commands.asked(request, 'eraseCustomer', (call) =>
    eraseCustomer(runtime, call, wanted),
  );
  // The ledger has the request, but no schema is erased yet.
  if (outcome.ok) crashPoint('erasure-step-committed', 'crm');
  return toPayload('erasure', outcome);
}

export const erasureResolvers: Resolvers = {
  Query: {
    erasure: (_, args, ctx) => {
      signedInAs(ctx.request, 'admin');
      return erasureById(args, ctx);
    },
  },
  Mutation: { eraseCustomer: (_, args, ctx) => erase(args, ctx) },
  Erasure: {
    // For all others there is none: a list of ids of several types is not refused because of one.
    __resolveReference: (reference, ctx) =>
      signedIn(ctx.request).role === 'admin' ? erasureById(reference, ctx) : null,
    customer: ({ customerId }, _, { loaders }) => loaders.customers.load(customerId),
    status: ({ completedAt }) => (completedAt === null ? 'REQUESTED' : 'COMPLETED'),
    services: async (erasure, _, { app }) => {
      const parts = await app.runtime.db.forTenant(erasure.tenantId, (trx) => readParts(trx, erasure));
      return erasingServices.map((service) =>
        reportOf(
          service,
          parts.filter((part) => part.service === service),
        ),
      );
    },
  },
};

function reportOf(service: ServiceName, parts: readonly Part[]) {
  const times = parts.map(({ erasedAt }) => erasedAt?.getTime() ?? null);
  const isDone = times.every((time) => time !== null);
  const counts = new Map<string, number>();
  for (const { table, count } of parts.flatMap(({ rows }) => rows ?? []))
    counts.set(table, (counts.get(table) ?? 0) + count);
  return {
    service: toEnum(service),
    status: isDone ? ('COMPLETED' as const) : ('REQUESTED' as const),
    erasedAt: isDone && times.length > 0 ? new Date(Math.max(...times)) : null,
    rows: [...counts].map(([table, count]) => ({ table, count })),
  };
}
