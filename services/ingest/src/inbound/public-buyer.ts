import type { Buyer } from '@crossdesk/contracts';
import type { AccountName } from '../fact.ts';
import { phoneDigits } from '../account/phone-number.domain.ts';

/** The buyer as others learn of them: the phone number in one form, or null when it identifies nobody. */
export function publicBuyer(buyer: Buyer, { country }: Pick<AccountName, 'country'>): Buyer {
  return { ...buyer, phone: buyer.phone === null ? null : phoneDigits(buyer.phone, country) };
}
