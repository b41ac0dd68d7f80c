import type { EventData } from '@crossdesk/contracts';

export type LinkReason = NonNullable<EventData<'crm.conversation-linked'>['order']>['reason'];

/**
 * The confidence of each reason. The highest wins; among equals the order that was mentioned last or, for reason buyer,
 * placed last.
 */
export const confidenceOf: Readonly<Record<LinkReason, number>> = {
  PLATFORM_REFERENCE: 1,
  ORDER_NUMBER_IN_TEXT: 0.95,
  TRACKING_NUMBER_IN_TEXT: 0.9,
  ONLY_ORDER_OF_BUYER: 0.9,
  LATEST_ORDER_OF_BUYER: 0.6,
};
