import {
  afterCommit,
  causedOutside,
  declareCounter,
  type DueWork,
  type Metrics,
  type Outbox,
  startDueWork,
} from '@crossdesk/service-kit';
import { lockForEvents } from '../../analysis/analysis.store.ts';
import { translateText, type TranslateDeps } from '../translate-text.ts';
import { pauseBefore } from './message-translation.domain.ts';
import { messageTranslated } from './message-translation.events.ts';
import { claimDue, type MessageTranslationRow, type Outcome, settleClaimed } from './message-translation.store.ts';

const translations = declareCounter<'state'>('automation', {
  name: 'crossdesk_message_translations_total',
  help: 'Messages of buyers by what became of their translation',
  labelNames: ['state'],
});

interface Deps extends TranslateDeps {
  readonly runtime: TranslateDeps['runtime'] & { readonly outbox: Pick<Outbox, 'append'>; readonly metrics: Metrics };
}

const pollMs = 5_000;
const concurrencyMax = 8;
/** All engines together. */
const waitMsMax = 8_000;

/** Translates the messages of buyers in the background. Whatever becomes of one is announced, without its words. */
export function startTranslator(deps: Deps): DueWork {
  const { db, clock, log } = deps.runtime;
  return startDueWork<MessageTranslationRow>({
    name: 'translations',
    pollMs,
    concurrencyMax,
    claim: (limit) => db.asWorker((trx) => claimDue(trx, limit, clock.now())),
    work: (row) => translateMessage(deps, row),
    log,
  });
}

async function translateMessage(deps: Deps, row: MessageTranslationRow): Promise<void> {
  const { tenant_id: tenantId, conversation_id: conversationId, source: text } = row;
  const wanted = { text, source: row.source_locale, target: row.target_locale };
  const found = await translateText(deps, tenantId, wanted, AbortSignal.timeout(waitMsMax));
  const { db, clock, outbox, metrics } = deps.runtime;
  const now = clock.now();
  const pauseMs = found.state === 'none' ? pauseBefore(row.tries, found.attempts) : null;
  const outcome: Outcome = {
    state: pauseMs === null ? found.state : 'queued',
    target: found.text,
    engine: found.engine,
    findings: [...found.findings],
    due_at: pauseMs === null ? null : new Date(now.getTime() + pauseMs),
  };
  await db.asWorker(async (trx) => {
    const isCurrent = await settleClaimed(trx, row, outcome, now);
    if (!isCurrent || pauseMs !== null) return;
    const [aggregate] = await lockForEvents(trx, [{ tenantId, conversationId }]);
    if (aggregate === undefined) return;
    const origin = causedOutside({ kind: 'automation', id: null });
    await outbox.append(trx, [messageTranslated(aggregate, row, found, origin)]);
    afterCommit(trx, () => translations(metrics).inc({ state: found.state }));
  });
}
