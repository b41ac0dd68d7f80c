import type {
  CaseId,
  ChannelAccountId,
  ConversationId,
  DecisionId,
  EventData,
  FollowUpId,
  OrderId,
} from '@crossdesk/contracts';

export const timelineKinds = [
  'conversation-begun',
  'order-placed',
  'order-state',
  'case-opened',
  'case-moved',
  'follow-up-created',
  'follow-up-done',
  'follow-up-cancelled',
  'tagged',
  'untagged',
  'tier-changed',
  'consent-given',
  'consent-withdrawn',
  'outreach-planned',
  'outreach-sent',
  'outreach-stopped',
] as const;
export type TimelineKind = (typeof timelineKinds)[number];

/** Something that happened with a customer. At most one of the ids is its subject; none if it is the customer. */
export interface TimelineEntry {
  readonly id: string;
  readonly at: Date;
  readonly kind: TimelineKind;
  /**
   * The state that an order or a case came to, the type of a case that was opened, the text of a follow-up, a tag, a tier,
   * what a consent is about, why a message was not sent; else null.
   */
  readonly detail: string | null;
  readonly accountId: ChannelAccountId | null;
  readonly conversationId: ConversationId | null;
  readonly orderId: OrderId | null;
  readonly caseId: CaseId | null;
  readonly followUpId: FollowUpId | null;
  readonly outreachId: DecisionId | null;
}

type Words = readonly [english: string, chinese: string];
type OrderState = EventData<'ingest.order-updated'>['state'];
type CaseState = EventData<'conversation.case-opened'>['case']['state'];
type CaseType = EventData<'conversation.case-opened'>['case']['type'];

const orderWords: Readonly<Record<OrderState, Words>> = {
  pending_payment: ['The order waits for its payment', '订单待付款'],
  on_hold: ['The order is on hold', '订单暂停处理'],
  to_ship: ['The order is to be shipped', '订单待发货'],
  ready: ['The order is ready to be handed over', '订单待揽收'],
  part_shipped: ['A part of the order was shipped', '订单部分发货'],
  shipped: ['The order was shipped', '订单已发货'],
  delivered: ['The order was delivered', '订单已送达'],
  completed: ['The order is completed', '订单已完成'],
  cancel_requested: ['The buyer wants to cancel the order', '买家申请取消订单'],
  cancelled: ['The order was cancelled', '订单已取消'],
  return_open: ['A return of the order is open', '订单退货处理中'],
  other: ['The order changed', '订单状态变更'],
};

const stateWords: Readonly<Record<CaseState, Words>> = {
  open: ['The case was reopened', '售后单重新打开'],
  waiting: ['The case waits', '售后单等待中'],
  resolved: ['The case was resolved', '售后单已解决'],
  closed: ['The case was closed', '售后单已关闭'],
};

const typeWords: Readonly<Record<CaseType, Words>> = {
  return: ['a return', '退货'],
  exchange: ['an exchange', '换货'],
  refund: ['a refund', '退款'],
  damaged: ['damaged goods', '商品破损'],
  wrong: ['wrong goods', '发错商品'],
  missing: ['missing goods', '商品漏发'],
  'not-received': ['goods that did not arrive', '未收到货'],
  quality: ['quality', '质量问题'],
  logistics: ['logistics', '物流问题'],
  technical: ['a technical problem', '技术问题'],
  claim: ['a claim', '索赔'],
  dispute: ['a dispute', '纠纷'],
  chargeback: ['a chargeback', '拒付'],
  other: ['something else', '其他'],
};

/** What happened, in English and Chinese. */
export function wordsOf({ kind, detail }: Pick<TimelineEntry, 'kind' | 'detail'>): Words {
  switch (kind) {
    case 'conversation-begun':
      return ['A conversation began', '会话开始'];
    case 'order-placed':
      return ['They placed an order', '客户下单'];
    case 'order-state':
      return wordsFor(orderWords, detail) ?? orderWords.other;
    case 'case-opened': {
      const [english, chinese] = wordsFor(typeWords, detail) ?? typeWords.other;
      return [`A case was opened: ${english}`, `创建售后单：${chinese}`];
    }
    case 'case-moved':
      return wordsFor(stateWords, detail) ?? ['The case changed', '售后单状态变更'];
    case 'follow-up-created':
      return ['A follow-up was planned', '创建跟进任务'];
    case 'follow-up-done':
      return ['A follow-up was done', '跟进任务已完成'];
    case 'follow-up-cancelled':
      return ['A follow-up was cancelled', '跟进任务已取消'];
    case 'tagged':
      return ['They got a tag', '添加标签'];
    case 'untagged':
      return ['A tag was taken away', '移除标签'];
    case 'tier-changed':
      return ['They are in another tier', '客户等级变更'];
    case 'consent-given':
      return ['They agreed to messages', '客户同意接收消息'];
    case 'consent-withdrawn':
      return ['They want no more messages', '客户拒绝接收消息'];
    case 'outreach-planned':
      return ['A message to them was planned', '计划主动发送消息'];
    case 'outreach-sent':
      return ['They were written to unasked', '已主动发送消息'];
    case 'outreach-stopped':
      return ['A message to them was not sent', '主动消息未发送'];
  }
}

function wordsFor(words: Readonly<Record<string, Words>>, detail: string | null): Words | undefined {
  return detail === null ? undefined : words[detail];
}
