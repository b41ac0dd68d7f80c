import type { EventData } from '@crossdesk/contracts';
import { accept, type Decision } from '@crossdesk/service-kit/decision';
import {
  type Change,
  type Conversation,
  type Enquiry,
  type EnquiryType,
  next,
  refuseVersion,
  touched,
} from '../conversation/conversation.domain.ts';

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

/** Says what the buyer wants. A machine does not overrule a person. */
export function classify(
  conversation: Conversation,
  enquiry: Enquiry,
  change: Change,
): Decision<Conversation, 'VERSION_CONFLICT'> {
  const { enquiry: known } = conversation;
  if (known?.by === 'person' && enquiry.by === 'machine') return accept(conversation);
  if (known?.type === enquiry.type && known.subtype === enquiry.subtype && known.by === enquiry.by)
    return accept(conversation);
  // What a machine finds out is no change that somebody could overwrite by mistake.
  if (enquiry.by === 'machine') return accept({ ...touched(conversation), enquiry });
  return refuseVersion(conversation, change.expectedVersion) ?? accept(next(conversation, { enquiry }));
}

/** The conversation once the language of the buyer is known. */
export function speaking(conversation: Conversation, language: string | null): Conversation {
  return conversation.language === language ? conversation : { ...touched(conversation), language };
}
