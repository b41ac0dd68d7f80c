import type {
  CaseId,
  ChannelAccountId,
  ConversationId,
  CustomerId,
  EventData,
  FollowUpId,
  OrderId,
} from '@crossdesk/contracts';
import { wordsOf } from '../timeline/timeline.domain.ts';
import type { Amount } from '../value/rate/rate.domain.ts';

export type FactKind =
  | 'known-since'
  | 'orders-placed'
  | 'tier'
  | 'tag'
  | 'marketing-consent'
  | 'latest-order'
  | 'order-open'
  | 'return-open'
  | 'case-open'
  | 'follow-up-open'
  | 'wrote-elsewhere';

/** A stored fact with what it is about: exactly one of the ids is not null. */
export interface AssistFact {
  readonly kind: FactKind;
  readonly at: Date;
  /** A state, a type, a name, a count or the text of a follow-up; null if the kind tells all. */
  readonly detail: string | null;
  readonly accountId: ChannelAccountId | null;
  readonly customerId: CustomerId | null;
  readonly conversationId: ConversationId | null;
  readonly orderId: OrderId | null;
  readonly caseId: CaseId | null;
  readonly followUpId: FollowUpId | null;
}

const about = {
  accountId: null,
  customerId: null,
  conversationId: null,
  orderId: null,
  caseId: null,
  followUpId: null,
};

/** A fact about whatever the ids name. */
export function fact(
  kind: FactKind,
  at: Date,
  detail: string | null,
  ids: Partial<Pick<AssistFact, keyof typeof about>>,
): AssistFact {
  return { kind, at, detail, ...about, ...ids };
}

type OrderState = EventData<'ingest.order-updated'>['state'];

/** An order that one of their buyer ids placed. */
export interface BoughtOrder {
  readonly orderId: OrderId;
  readonly accountId: ChannelAccountId;
  readonly placedAt: Date;
  readonly state: string | null;
  readonly total: Amount | null;
  readonly region: string | null;
  readonly skus: readonly string[];
  /** When it came to its state; null if that was before it was kept. */
  readonly since: Date | null;
}

/** The states in which something is still to come. */
const openStates: readonly OrderState[] = [
  ...(['pending_payment', 'on_hold', 'to_ship', 'ready', 'part_shipped', 'shipped', 'cancel_requested'] as const),
  'return_open',
];
export const openOrderStates: readonly string[] = openStates;

/** What is open about an order; null if nothing is. */
export function openOrderFact({ orderId, accountId, state, since, placedAt }: BoughtOrder): AssistFact | null {
  if (state === null || !openOrderStates.includes(state)) return null;
  return fact(state === 'return_open' ? 'return-open' : 'order-open', since ?? placedAt, state, { orderId, accountId });
}

type Words = readonly [english: string, chinese: string];

/** What a fact says: fixed words and what is stored, nothing else. */
export function factWords({ kind, detail }: Pick<AssistFact, 'kind' | 'detail'>): Words {
  const said = detail ?? '';
  switch (kind) {
    case 'known-since':
      return ['They are known since then', '自此成为客户'];
    case 'orders-placed':
      return [`Orders that are known: ${said}`, `已知订单数：${said}`];
    case 'tier':
      return [`Tier: ${said}`, `客户等级：${said}`];
    case 'tag':
      return [`Tag: ${said}`, `标签：${said}`];
    case 'marketing-consent':
      return consentWords[said] ?? consentWords['unknown'] ?? ['', ''];
    case 'latest-order':
    case 'order-open':
    case 'return-open':
      return wordsOf({ kind: 'order-state', detail });
    case 'case-open':
      return wordsOf({ kind: 'case-opened', detail });
    case 'follow-up-open':
      return [`To be done: ${said}`, `待办：${said}`];
    case 'wrote-elsewhere':
      return [`They last wrote on ${said} then`, `最近一次在 ${said} 联系`];
  }
}

const consentWords: Readonly<Record<string, Words>> = {
  granted: ['They agreed to marketing', '客户同意接收营销信息'],
  withdrawn: ['They objected to marketing', '客户拒绝营销信息'],
  unknown: ['They neither agreed nor objected to marketing', '客户未表态是否接收营销信息'],
};
