import type { ServiceRuntime } from '@crossdesk/service-kit';
import { forgetReplyDrafts } from './assistant/draft/reply-draft.store.ts';
import { forgetSummaries } from './assistant/summary/summary.store.ts';
import { forgetReprocessings } from './analysis/reprocess/reprocessing.store.ts';
import type { DB } from './db.ts';
import { forgetGaps } from './knowledge/gap/gap.store.ts';
import { forgetTranslations } from './translation/forget-translations.ts';
import { forgetVerdicts } from './turn/turn-verdict.store.ts';
import { forgetTexts } from './message/message-text.store.ts';
import { forgetSuggestions } from './suggestion/suggestion.store.ts';
import { forgetBefore } from './rule/evaluation.store.ts';
import { limitHoursMax } from './rule/rule-input.domain.ts';
import { forgetSimulations } from './rule/simulation/simulation.store.ts';

/**
 * Words of messages are kept for 90 days. Evaluations are explained, and acts counted, for as long as the longest limit looks
 * back: 35 days; simulations, reprocessings, and drafts of replies and summaries as long. Translations are
 * kept for 13 months.
 */
export async function forgetOld({ db, clock }: Pick<ServiceRuntime<DB>, 'db' | 'clock'>): Promise<void> {
  const before = new Date(clock.now().getTime() - limitHoursMax * 3_600_000);
  await db.asWorker(async (trx) => {
    await forgetBefore(trx, before);
    await forgetSimulations(trx, before);
    await forgetVerdicts(trx, before);
    await forgetReprocessings(trx, before);
    await forgetTexts(trx, clock.now());
    await forgetTranslations(trx, clock.now());
    await forgetGaps(trx, clock.now());
    await forgetReplyDrafts(trx, before);
    await forgetSummaries(trx, before);
    await forgetSuggestions(trx, clock.now());
  });
}
