import type { ConversationId, CustomerId, OrderId, TenantId } from '@crossdesk/contracts';
import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { Transaction } from 'kysely';
import { readConversationsOf, readCustomers, readIdentities } from './customer/customer.store.ts';
import type { DB } from './db.ts';
import { readLinks } from './link/link.store.ts';
import { readOrdersOf } from './order/order.store.ts';

type RowOf<Read extends (...args: never[]) => Promise<readonly unknown[]>> = Awaited<ReturnType<Read>>[number];
export type CustomerRow = RowOf<typeof readCustomers>;
export type IdentityRow = RowOf<typeof readIdentities>;
export type LinkRow = RowOf<typeof readLinks>;

/** A conversation as other subgraphs refer to it. */
export interface ConversationReference {
  readonly id: string;
}

/** A customer and the number of entries to read. */
export interface FirstOf {
  readonly customerId: CustomerId;
  readonly first: number;
}

/** The loaders of one operation: each reads all entities of a kind in one statement. */
export interface Loaders {
  readonly customers: DataLoader<CustomerId, CustomerRow | null>;
  readonly identities: DataLoader<CustomerId, IdentityRow[]>;
  readonly links: DataLoader<ConversationId, LinkRow | null>;
  readonly conversationsOf: DataLoader<FirstOf, { id: ConversationId }[], string>;
  readonly ordersOf: DataLoader<FirstOf, { id: OrderId }[], string>;
}

export function createLoaders(runtime: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext): Loaders {
  type Work<Result> = (trx: Transaction<DB>, tenantId: TenantId) => Promise<Result>;
  const read = <Result>(work: Work<Result>): Promise<Result> => {
    const { tenantId } = signedIn(request);
    return runtime.db.forTenant(tenantId, (trx) => work(trx, tenantId));
  };
  return {
    customers: new DataLoader(async (ids) => {
      const rows = await read((trx, tenantId) => readCustomers(trx, tenantId, ids));
      const found = new Map(rows.map((row) => [row.asked_id, row]));
      return ids.map((id) => found.get(id) ?? null);
    }),
    identities: new DataLoader(async (ids) => {
      const rows = await read((trx, tenantId) => readIdentities(trx, tenantId, ids));
      const found = Map.groupBy(rows, (row) => row.customer_id);
      return ids.map((id) => found.get(id) ?? []);
    }),
    links: new DataLoader(async (ids) => {
      const rows = await read((trx, tenantId) => readLinks(trx, tenantId, ids));
      const found = new Map(rows.map((row) => [row.conversation_id, row]));
      return ids.map((id) => found.get(id) ?? null);
    }),
    conversationsOf: loadLists((ids, first) => read((trx, tenantId) => readConversationsOf(trx, tenantId, ids, first))),
    ordersOf: loadLists((ids, first) => read((trx, tenantId) => readOrdersOf(trx, tenantId, ids, first))),
  };
}

/** Lists of different lengths are read in one statement with the greatest length. */
function loadLists<Node extends { readonly customer_id: CustomerId }>(
  read: (ids: readonly CustomerId[], first: number) => Promise<readonly Node[]>,
) {
  return new DataLoader<FirstOf, Node[], string>(
    async (asked) => {
      const ids = [...new Set(asked.map(({ customerId }) => customerId))];
      const rows = await read(ids, Math.max(...asked.map(({ first }) => first)));
      const found = Map.groupBy(rows, (row) => row.customer_id);
      return asked.map(({ customerId, first }) => (found.get(customerId) ?? []).slice(0, first));
    },
    { cacheKeyFn: ({ customerId, first }) => `${customerId} ${first}` },
  );
}
