import { OneOf } from './scalars.ts';

/** What a buyer can want. */
export const IntentSchema = OneOf([
  'order_status',
  'logistics',
  'refund',
  'return_exchange',
  'cancel_order',
  'product_question',
  'complaint_quality',
  'change_address',
  'payment_issue',
  'invoice',
  'discount',
  'thanks_other',
]);
