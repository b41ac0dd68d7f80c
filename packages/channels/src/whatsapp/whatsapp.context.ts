import { type MessageContext, webAddress } from '@crossdesk/contracts';
import { field, integer, list, text } from '../shared/platform-json.ts';
import { describeError } from './whatsapp.errors.ts';

/** What Meta tells about a message besides its content; null for nothing. */
export function contextOf(message: unknown): MessageContext | null {
  const context = { referral: referralOf(message), product: productOf(message), problem: problemOf(message) };
  return Object.values(context).every((part) => part === null) ? null : context;
}

/** The advertisement or post whose button opened the chat. */
function referralOf(message: unknown): MessageContext['referral'] {
  const referral = field(message, 'referral');
  if (typeof referral !== 'object' || referral === null) return null;
  return {
    sourceUrl: webAddress(field(referral, 'source_url')),
    headline: text(field(referral, 'headline')),
    body: text(field(referral, 'body')),
    imageUrl: webAddress(field(referral, 'image_url')) ?? webAddress(field(referral, 'thumbnail_url')),
    adId: text(field(referral, 'source_id')),
  };
}

function productOf(message: unknown): MessageContext['product'] {
  const product = field(message, 'context', 'referred_product');
  const externalProductId = text(field(product, 'product_retailer_id'));
  return externalProductId === null
    ? null
    : { externalProductId, externalCatalogId: text(field(product, 'catalog_id')) };
}

const problemClasses = new Map([
  [131051, 'UNSUPPORTED'],
  [131052, 'MEDIA_UNAVAILABLE'],
  [131053, 'MEDIA_UNAVAILABLE'],
] as const);

function problemOf(message: unknown): MessageContext['problem'] {
  const [error] = list(field(message, 'errors'));
  if (error === undefined) return null;
  const code = integer(field(error, 'code'));
  const known = [...problemClasses].find(([candidate]) => candidate === code)?.[1];
  return { class: known ?? 'PLATFORM_ERROR', code: text(field(error, 'code')), message: describeError(error) };
}
