import type { Hit, Place, PlatformRule } from '../finding.ts';
import { findPhrases, hasPhrase, type Phrases } from '../text/phrases.ts';
import { originOf, plain } from '../text/plain-text.ts';
import { unrefused } from '../refused.ts';
import type { Sentence } from '../text/sentences.ts';
import { elsewhere, handlesIn, harmless, messengers } from '../words/contact.ts';
import { advertising, nextOrder } from '../words/marketing.ts';
import { instruments, payNow } from '../words/payment.ts';
import { asking, good, reviews, rewards } from '../words/review.ts';
import { emailsIn, isHostOf, linksIn } from './links.ts';
import type { Pack } from './pack.ts';
import { phonesIn } from './phones.ts';
import { undisguised } from './spelled-out.ts';

/** What of a message breaks a rule of the platform. */
export function platformHits(
  original: string,
  sentences: readonly Sentence[],
  pack: Pack,
  known: Parameters<typeof phonesIn>[1] & { readonly ids: readonly string[] },
): Hit[] {
  if (Object.keys(pack.rules).length === 0) return [];
  const searched = undisguised(plain(original));
  const { text } = searched;
  const ids = known.ids.flatMap((id) =>
    findPhrases([{ text: id.toLowerCase(), isOpenBefore: true, isOpenBehind: true }], text),
  );
  const emails = emailsIn(text);
  const written = (place: Place) => {
    const { start, end } = originOf(searched, place);
    return original.slice(start, end);
  };
  const addresses = linksIn(text, written);
  const links = addresses.filter(({ host }) => !isHostOf(host, pack.ownHosts));
  const phones = apart(phonesIn(text, known, written), [...ids, ...emails, ...addresses]);
  const found: readonly (readonly [PlatformRule, readonly Place[]])[] = [
    ['contact-data', [...emails, ...phones]],
    ['foreign-link', apart(links, emails)],
    ['off-platform', unrefused(text, apart(leadingAway(text), links))],
    ['marketing', findPhrases(advertising, text)],
  ];
  const hits = found.flatMap(([rule, places]) => places.map((place) => ({ rule, ...originOf(searched, place) })));
  const inSentences = sentences.flatMap((sentence) => sentenceHits(sentence));
  return [...hits, ...emojiIn(original), ...inSentences].filter(({ rule }) => pack.rules[rule] !== undefined);
}

function leadingAway(text: string): Place[] {
  const named = [...findPhrases(messengers, text), ...handlesIn(text), ...findPhrases(elsewhere, text)];
  return apart(named, findPhrases(harmless, text));
}

type PlatformHit = Hit & { readonly rule: PlatformRule };

function apart(places: readonly Place[], others: readonly Place[]): Place[] {
  return places.filter(({ start, end }) => others.every((other) => end <= other.start || start >= other.end));
}

/** What is wrong only together with other words of the same sentence. */
function sentenceHits({ text: original, start, end }: Sentence): PlatformHit[] {
  const { text } = plain(original);
  const has = (phrases: Phrases) => hasPhrase(phrases, text);
  const offers = (phrases: Phrases) => unrefused(text, findPhrases(phrases, text)).length > 0;
  const isAboutReviews = has(reviews);
  const isAsked = isAboutReviews && has(asking);
  const isRewarded = has(rewards);
  const broken: readonly (readonly [PlatformRule, boolean])[] = [
    ['off-platform-payment', has(payNow) && offers(instruments)],
    ['review-incentive', isAboutReviews && offers(rewards)],
    ['review-begging', isAsked && has(good)],
    ['review-request', isAsked && !has(good)],
    ['marketing', isRewarded && has(nextOrder)],
  ];
  return broken.filter(([, is]) => is).map(([rule]) => ({ rule, start, end }));
}

function emojiIn(text: string): PlatformHit[] {
  return [...text.matchAll(/[\p{Emoji_Presentation}\u2600-\u26ff\u2702-\u27bf\u2764]\ufe0f?/gu)].map(
    ({ 0: sign, index }) => ({
      rule: 'emoji',
      start: index,
      end: index + sign.length,
    }),
  );
}
