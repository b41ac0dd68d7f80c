import {
  type Condition,
  type Facts,
  type FieldSpec,
  readCondition,
  type Registry,
  type WrittenCondition,
} from '@crossdesk/condition';
import { minorDigitsOf, parseId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import { accept, type Decision, type UserError } from '@crossdesk/service-kit/decision';
import { dayMs } from '../stats/worth.domain.ts';

const count = { type: 'number', range: [0, 1_000_000] } as const;
const amount = { type: 'number', range: [0, 1_000_000_000_000] } as const;
const days = { type: 'number', range: [0, 36_500] } as const;

/** What conditions ask about customers. A field without a value is unknown, as NULL is in SQL. */
export const customerFields = {
  'orders.count': count,
  'orders.yearCount': count,
  'orders.daysSinceFirst': days,
  'orders.daysSinceLast': days,
  'orders.sku': { type: 'set' },
  'spend.total': amount,
  'spend.year': amount,
  'customer.region': { type: 'set' },
  'customer.language': { type: 'word' },
  'customer.account': { type: 'set' },
  'customer.tier': { type: 'word' },
  'customer.tag': { type: 'set' },
} as const satisfies Record<string, FieldSpec>;
export type CustomerField = keyof typeof customerFields;
export type CustomerCondition = Condition<CustomerField>;

/** What rules for tags ask about: not about tags that rules give, so that no rule depends on another. */
const customerRegistry: Registry<CustomerField> = {
  ...{ fields: customerFields, depthMax: 4, leavesMax: 20, readOpen },
  exampleOf: (field) => examples[field] ?? 'Write a word.',
};

function readOpen(field: CustomerField, text: string): string | null {
  switch (field) {
    case 'customer.account':
      return parseId(text);
    case 'customer.region':
      return /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : null;
    case 'customer.language':
      return /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(text) ? languageOf(text) : null;
    case 'customer.tier':
      return /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(text) ? text.toUpperCase() : null;
    case 'customer.tag':
      return foldedName(text) === '' ? null : foldedName(text);
    default:
      return text === '' ? null : text;
  }
}

const examples: Readonly<Partial<Record<CustomerField, string>>> = {
  'customer.account': 'Write the id of a channel account.',
  'customer.region': 'Write a country by ISO 3166-1, for instance BR.',
  'customer.language': 'This is no language: write BCP 47, for instance pt.',
  'customer.tier': 'Write the name of a tier, for instance HIGH_VALUE.',
  'customer.tag': 'Write the name of a tag.',
  'orders.sku': 'Write a SKU as the platform reports it.',
};

/** Decodes a condition as people write it; each problem with its place. */
export function readCustomerCondition(
  written: WrittenCondition,
  place: readonly string[],
): Decision<CustomerCondition, 'INVALID_INPUT'> {
  const errors: UserError<'INVALID_INPUT'>[] = [];
  const condition = readCondition(written, customerRegistry, place, (path, message) => {
    errors.push({ code: 'INVALID_INPUT', message, path: path.map(String) });
  });
  return errors.length === 0 ? accept(condition) : { ok: false, errors };
}

/** `pt` of `pt-BR`. */
function languageOf(locale: string): string {
  return locale.split('-')[0]?.toLowerCase() ?? '';
}

/** What is known of a customer, as conditions see it. */
export interface AboutCustomer {
  readonly orderCount: number;
  readonly yearOrderCount: number;
  readonly firstOrderAt: Date | null;
  readonly lastOrderAt: Date | null;
  readonly skus: readonly string[];
  readonly regions: readonly string[];
  readonly currency: string;
  readonly spentMinor: bigint;
  readonly yearSpentMinor: bigint;
  readonly tier: string | null;
  readonly locale: string | null;
  readonly accountIds: readonly string[];
  readonly tags: readonly string[];
}

export function factsOf(about: AboutCustomer, now: Date): Facts<CustomerField> {
  const { firstOrderAt, lastOrderAt, tier, locale, currency } = about;
  const since = (at: Date) => Math.floor((now.getTime() - at.getTime()) / dayMs);
  const units = (minor: bigint) => Number(minor) / 10 ** (minorDigitsOf(currency) ?? 2);
  return {
    'orders.count': about.orderCount,
    'orders.yearCount': about.yearOrderCount,
    'orders.sku': about.skus,
    'spend.total': units(about.spentMinor),
    'spend.year': units(about.yearSpentMinor),
    'customer.region': about.regions,
    'customer.account': about.accountIds,
    'customer.tag': about.tags,
    ...(firstOrderAt === null ? {} : { 'orders.daysSinceFirst': since(firstOrderAt) }),
    ...(lastOrderAt === null ? {} : { 'orders.daysSinceLast': since(lastOrderAt) }),
    ...(tier === null ? {} : { 'customer.tier': tier }),
    ...(locale === null ? {} : { 'customer.language': languageOf(locale) }),
  };
}
