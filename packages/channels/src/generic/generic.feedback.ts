import type { PlatformFeedback } from '@crossdesk/contracts';
import type { Fact } from '../port/index.ts';
import { told } from '../shared/order-values.ts';
import { field, list, number, text } from '../shared/platform-json.ts';
import { locale, required } from './generic.read.ts';

const kinds: readonly PlatformFeedback['kind'][] = ['product-review', 'service-rating', 'suggestion'];
const skusMax = 20;

/**
 * Reads the `data` of `feedback.created`. The same id again is what the buyer changed it to. A score is from 1 (worst) to
 * 5: another scale has to be converted by the sender, because nobody else knows it.
 */
export function feedbackFacts(data: unknown, givenAt: Date): readonly Fact[] {
  const word = text(field(data, 'kind'));
  const score = field(data, 'score');
  const feedback: PlatformFeedback = {
    externalFeedbackId: required(text(field(data, 'id')), 'data.id'),
    kind: required(kinds.find((kind) => kind === word) ?? null, 'data.kind'),
    score: score === undefined || score === null ? null : required(scoreIn(score), 'data.score'),
    text: told(field(data, 'text')),
    language: locale(field(data, 'language')),
    buyerExternalId: text(field(data, 'buyer', 'id')),
    externalOrderId: text(field(data, 'orderRef')),
    skus: list(field(data, 'skus'))
      .flatMap((sku) => text(sku) ?? [])
      .slice(0, skusMax),
    givenAt: givenAt.toISOString(),
  };
  required(feedback.score ?? feedback.text, 'data.score or data.text');
  return [{ type: 'feedback', feedback }];
}

function scoreIn(value: unknown): number | null {
  const score = number(value);
  return score !== null && score >= 1 && score <= 5 ? score : null;
}
