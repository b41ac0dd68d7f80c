import type { EventData } from '@crossdesk/contracts';
import type { EnquiryType } from '../conversation/conversation.domain.ts';

type Triaged = EventData<'automation.conversation-triaged'>;
type Intent = NonNullable<Triaged['enquiryType']>;

const typeOfIntent: Readonly<Record<Intent, EnquiryType | null>> = {
  order_status: 'logistics',
  logistics: 'logistics',
  refund: 'refund',
  return_exchange: 'return',
  cancel_order: 'after-sale',
  product_question: 'specification',
  complaint_quality: 'after-sale',
  change_address: 'logistics',
  payment_issue: 'pre-sale',
  invoice: 'after-sale',
  discount: 'pre-sale',
  thanks_other: null,
};

/** A claim outside of the conversation, or the threat of one. */
const disputes: ReadonlySet<Triaged['risks'][number]['class']> = new Set(['chargeback', 'legal_threat', 'regulator']);

/** What the buyer wants, from what automation found out; null if it tells nothing. */
export function enquiryTypeOf({ enquiryType, risks }: Pick<Triaged, 'enquiryType' | 'risks'>): EnquiryType | null {
  if (risks.some((risk) => disputes.has(risk.class))) return 'dispute';
  return enquiryType === null ? null : typeOfIntent[enquiryType];
}
