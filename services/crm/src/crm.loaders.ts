import type {
  CaseId,
  ConversationId,
  CustomerId,
  DecisionId,
  ErasureId,
  FeedbackId,
  FollowUpId,
  OrderId,
  TagRuleId,
  TenantId,
} from '@crossdesk/contracts';
import { type Keyset, type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { Transaction } from 'kysely';
import {
  countCasesOf,
  countReturnsOf,
  type CustomerReturn,
  readCasesOf,
  readReturnsOf,
} from './after-sales/after-sales.store.ts';
import { countConversationsOf, readConversationsOf, readCustomers, readIdentities } from './customer/customer.store.ts';
import type { DB } from './db.ts';
import type { LedgerEntry } from './erasure/erasure.domain.ts';
import { readErasures } from './erasure/erasure.store.ts';
import type { Feedback } from './feedback/feedback.domain.ts';
import { feedbackByIds } from './feedback/feedback.store.ts';
import { type Impact, impactsOf } from './feedback/impact.store.ts';
import type { FollowUp } from './follow-up/follow-up.domain.ts';
import { followUpsByIds } from './follow-up/follow-up.store.ts';
import { type ProfileRow, readEdgesOf, readProfilesOf, type ShownEdge } from './identity/profile.store.ts';
import { readLinks } from './link/link.store.ts';
import type { CompletenessPart } from './quality/quality.domain.ts';
import { knownParts } from './quality/quality.store.ts';
import { countOrdersOf, readOrdersOf } from './order/order.store.ts';
import type { Outreach } from './outreach/outreach.domain.ts';
import { outreachByIds } from './outreach/outreach.store.ts';
import { type StoredRule, tagRules } from './value/tag/tag-rule.store.ts';
import { readCustomerTags } from './value/tag/tag.store.ts';
import { readStats, readTierHistory, type StatsRow } from './value/tier/tier-shown.store.ts';

type RowOf<Read extends (...args: never[]) => Promise<readonly unknown[]>> = Awaited<ReturnType<Read>>[number];
export type CustomerRow = RowOf<typeof readCustomers>;
export type IdentityRow = RowOf<typeof readIdentities>;
export type CustomerTagRow = RowOf<typeof readCustomerTags>;
export type TierChangeRow = RowOf<typeof readTierHistory>;
export type LinkRow = RowOf<typeof readLinks>;

/** A conversation as other subgraphs refer to it. */
export interface ConversationReference {
  readonly id: string;
}

/** A page of what belongs to a customer. */
export interface PageOf {
  readonly customerId: CustomerId;
  readonly first: number;
  readonly after: Keyset | null;
}

/** The loaders of one operation: each reads all entities of a kind in one statement. */
export interface Loaders {
  readonly customers: DataLoader<CustomerId, CustomerRow | null>;
  readonly identities: DataLoader<CustomerId, IdentityRow[]>;
  readonly profilesOf: DataLoader<CustomerId, ProfileRow[]>;
  readonly edgesOf: DataLoader<CustomerId, ShownEdge[]>;
  readonly links: DataLoader<ConversationId, LinkRow | null>;
  readonly conversationsOf: DataLoader<PageOf, { id: ConversationId; at: Date }[], string>;
  readonly conversationCounts: DataLoader<CustomerId, number>;
  readonly ordersOf: DataLoader<PageOf, { id: OrderId; at: Date }[], string>;
  readonly orderCounts: DataLoader<CustomerId, number>;
  readonly returnsOf: DataLoader<PageOf, CustomerReturn[], string>;
  readonly returnCounts: DataLoader<CustomerId, number>;
  readonly casesOf: DataLoader<PageOf, { id: CaseId; at: Date }[], string>;
  readonly caseCounts: DataLoader<CustomerId, number>;
  readonly knownParts: DataLoader<CustomerId, ReadonlySet<CompletenessPart>>;
  readonly tagsOf: DataLoader<CustomerId, CustomerTagRow[]>;
  readonly tagRules: DataLoader<TagRuleId, StoredRule | null>;
  readonly stats: DataLoader<CustomerId, StatsRow | null>;
  readonly tierHistoryOf: DataLoader<CustomerId, TierChangeRow[]>;
  readonly erasures: DataLoader<ErasureId, LedgerEntry | null>;
  readonly followUps: DataLoader<FollowUpId, FollowUp | null>;
  readonly outreach: DataLoader<DecisionId, Outreach | null>;
  readonly feedback: DataLoader<FeedbackId, Feedback | null>;
  readonly impacts: DataLoader<FeedbackId, Impact>;
}

type Work<Result> = (trx: Transaction<DB>, tenantId: TenantId) => Promise<Result>;

export function createLoaders(runtime: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext): Loaders {
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
    profilesOf: new DataLoader(async (ids) => {
      const rows = await read((trx, tenantId) => readProfilesOf(trx, tenantId, ids));
      const found = Map.groupBy(rows, (row) => row.customer_id);
      return ids.map((id) => found.get(id) ?? []);
    }),
    edgesOf: new DataLoader((ids) => read((trx, tenantId) => inSequence(ids, (id) => readEdgesOf(trx, tenantId, id)))),
    links: new DataLoader(async (ids) => {
      const rows = await read((trx, tenantId) => readLinks(trx, tenantId, ids));
      const found = new Map(rows.map((row) => [row.conversation_id, row]));
      return ids.map((id) => found.get(id) ?? null);
    }),
    conversationsOf: loadPages((ids, page) => read((trx, tenantId) => readConversationsOf(trx, tenantId, ids, page))),
    conversationCounts: loadCounts((ids) => read((trx, tenantId) => countConversationsOf(trx, tenantId, ids))),
    ordersOf: loadPages((ids, page) => read((trx, tenantId) => readOrdersOf(trx, tenantId, ids, page))),
    orderCounts: loadCounts((ids) => read((trx, tenantId) => countOrdersOf(trx, tenantId, ids))),
    ...afterSalesLoaders(read),
    knownParts: new DataLoader(async (ids) => {
      const found = await read((trx, tenantId) => knownParts(trx, tenantId, ids));
      return ids.map((id) => found.get(id) ?? new Set<CompletenessPart>());
    }),
    tagsOf: new DataLoader(async (ids) => {
      const rows = await read((trx, tenantId) => readCustomerTags(trx, tenantId, ids));
      const found = Map.groupBy(rows, (row) => row.customer_id);
      return ids.map((id) => found.get(id) ?? []);
    }),
    tagRules: new DataLoader(async (ids) => {
      const rules = await read((trx, tenantId) => tagRules(trx, tenantId));
      return ids.map((id) => rules.find((rule) => rule.id === id) ?? null);
    }),
    stats: new DataLoader(async (ids) => {
      const rows = await read((trx, tenantId) => readStats(trx, tenantId, ids));
      const found = new Map(rows.map((row) => [row.customer_id, row]));
      return ids.map((id) => found.get(id) ?? null);
    }),
    tierHistoryOf: new DataLoader(async (ids) => {
      const rows = await read((trx, tenantId) => readTierHistory(trx, tenantId, ids));
      const found = Map.groupBy(rows, (row) => row.of_customer);
      return ids.map((id) => found.get(id) ?? []);
    }),
    erasures: new DataLoader(async (ids) => {
      const found = await read((trx, tenantId) => readErasures(trx, tenantId, ids));
      return ids.map((id) => found.get(id) ?? null);
    }),
    followUps: new DataLoader(async (ids) => {
      const found = await read((trx, tenantId) => followUpsByIds(trx, tenantId, ids));
      return ids.map((id) => found.get(id) ?? null);
    }),
    outreach: new DataLoader(async (ids) => {
      const found = await read((trx, tenantId) => outreachByIds(trx, tenantId, ids));
      return ids.map((id) => found.get(id) ?? null);
    }),
    ...feedbackLoaders(read),
  };
}

function feedbackLoaders(read: <Result>(work: Work<Result>) => Promise<Result>) {
  return {
    feedback: new DataLoader<FeedbackId, Feedback | null>(async (ids) => {
      const found = await read((trx, tenantId) => feedbackByIds(trx, tenantId, ids));
      return ids.map((id) => found.get(id) ?? null);
    }),
    impacts: new DataLoader<FeedbackId, Impact>(async (ids) => {
      const found = await read((trx, tenantId) => impactsOf(trx, tenantId, ids));
      return ids.map((id) => found.get(id) ?? { orders: 0, customers: 0, skus: 0 });
    }),
  };
}

function afterSalesLoaders(read: <Result>(work: Work<Result>) => Promise<Result>) {
  return {
    returnsOf: loadPages((ids, page) => read((trx, tenantId) => readReturnsOf(trx, tenantId, ids, page))),
    returnCounts: loadCounts((ids) => read((trx, tenantId) => countReturnsOf(trx, tenantId, ids))),
    casesOf: loadPages((ids, page) => read((trx, tenantId) => readCasesOf(trx, tenantId, ids, page))),
    caseCounts: loadCounts((ids) => read((trx, tenantId) => countCasesOf(trx, tenantId, ids))),
  };
}

/** The same page of several customers is read in one statement. */
function loadPages<Node extends { readonly customer_id: CustomerId }>(
  read: (ids: readonly CustomerId[], page: Omit<PageOf, 'customerId'>) => Promise<readonly Node[]>,
) {
  const placeOf = ({ first, after }: PageOf) => `${first} ${after?.at.toISOString() ?? ''} ${after?.id ?? ''}`;
  return new DataLoader<PageOf, Node[], string>(
    async (asked) => {
      const pages = [...Map.groupBy(asked, placeOf).values()];
      const found = new Map<string, Node[]>();
      for (const [page, ...more] of pages) {
        if (page === undefined) continue;
        const rows = await read(
          [page, ...more].map(({ customerId }) => customerId),
          page,
        );
        for (const [id, nodes] of Map.groupBy(rows, (row) => row.customer_id))
          found.set(`${id} ${placeOf(page)}`, nodes);
      }
      return asked.map((one) => found.get(`${one.customerId} ${placeOf(one)}`) ?? []);
    },
    { cacheKeyFn: (page) => `${page.customerId} ${placeOf(page)}` },
  );
}

function loadCounts(
  read: (
    ids: readonly CustomerId[],
  ) => Promise<readonly { readonly customer_id: CustomerId; readonly count: number }[]>,
) {
  return new DataLoader<CustomerId, number>(async (ids) => {
    const found = new Map((await read(ids)).map((row) => [row.customer_id, row.count]));
    return ids.map((id) => found.get(id) ?? 0);
  });
}

/** One after the other: they share a transaction. */
async function inSequence<Id, Found>(ids: readonly Id[], read: (id: Id) => Promise<Found>): Promise<Found[]> {
  const found = new Array<Found>();
  for (const id of ids) found.push(await read(id));
  return found;
}
