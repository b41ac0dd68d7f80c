import type { TenantId } from '@crossdesk/contracts';
import type { RequestContext } from '@crossdesk/service-kit';
import type { AccountDirectory } from '../account/account-directory.ts';
import type { IngestDeps, Tables } from '../deps.ts';
import { lockParked, markReplayed, type ParkedRow } from './receipt.store.ts';
import { recordFacts } from './record-facts.ts';
import { parseDelivery } from './webhook.route.ts';

export type ReplayOutcome =
  | { readonly ok: true; readonly parked: ParkedRow }
  | { readonly ok: false; readonly code: 'NOT_FOUND' | 'STILL_UNPARSABLE'; readonly message: string };

/** Reads a parked delivery again with the adapter as it is now, and records what it tells. Replaying twice changes nothing. */
export async function replayParked(
  deps: IngestDeps,
  directory: AccountDirectory,
  request: RequestContext,
  tenantId: TenantId,
  id: string,
): Promise<ReplayOutcome> {
  const absent = {
    ok: false,
    code: 'NOT_FOUND',
    message: 'There is no such parked delivery: take the id from parkedWebhooks.',
  } as const;
  const { audit, db, outbox } = deps.runtime;
  const mutation = audit.mutation<Tables, ReplayOutcome>(request, 'replayParkedWebhook', async (trx, done) => {
    const parked = await lockParked(trx, tenantId, id);
    if (parked === null) return absent;
    if (parked.replayed_at !== null) return { ok: true, parked };
    const entry = await directory.byId(tenantId, parked.account_id);
    if (entry === null) return absent;
    const { account } = entry;
    const { headers, body: rawBody, received_at: receivedAt, raw_id: rawId } = parked;
    const content = parseDelivery(deps, account, { method: 'POST', headers, query: {}, rawBody, receivedAt });
    if (!content.ok)
      return { ok: false, code: 'STILL_UNPARSABLE', message: `It still makes no sense: ${content.reason}` };
    await recordFacts(
      deps,
      trx,
      content.parsed.facts.map((fact) => ({ account, fact, receivedAt, traceparent: null, rawId })),
    );
    const replayedAt = deps.runtime.clock.now();
    await markReplayed(trx, tenantId, id, replayedAt);
    done(id);
    return { ok: true, parked: { ...parked, replayed_at: replayedAt } };
  });
  const outcome = await db.asWorker(mutation);
  outbox.nudge();
  return outcome;
}
