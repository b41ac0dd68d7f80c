import { PlatformRefusal, type WebhookRequest, type Webhooks } from '@crossdesk/channels/adapters';
import type { AccountDirectory } from '../account/account-directory.ts';
import type { AccountContext } from '../account/connected-account.ts';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import type { GroupCommit } from '../webhook/group-commit.ts';
import { readDelivery } from '../webhook/read-delivery.ts';
import { moveCursor, type SyncRow } from './sync.store.ts';

/** Limits a turn at a mailbox that fills while it is read. */
const pagesPerTurnMax = 20;

/** How a delivery that was fetched is recorded: like one that was posted. */
export interface Receiving {
  readonly directory: AccountDirectory;
  readonly groupCommit: Pick<GroupCommit, 'accept'>;
}

/**
 * Fetches the deliveries that wait for an account. Each is committed before the position moves: whatever ends in between is
 * fetched again, and known by its key.
 */
export async function fetchWaiting(
  deps: IngestDeps,
  access: PlatformAccess,
  receiving: Receiving,
  row: SyncRow,
  context: AccountContext,
): Promise<void> {
  const { webhooks } = deps.adapters[context.account.channel];
  const fetchPage = webhooks?.waiting;
  if (webhooks === null || fetchPage === undefined) return;
  let cursor = row.cursor;
  for (let pages = 0; pages < pagesPerTurnMax; pages += 1) {
    const from = cursor;
    const answer = await readWith(access, context, (fresh) => fetchPage(fresh, from));
    if (answer === null) throw new PlatformRefusal('unauthorised', 'the mailbox refuses the sign-in');
    for (const { body, receivedAt } of answer.read.deliveries)
      await receive(deps, receiving, webhooks, row, { body, receivedAt });
    ({ cursor } = answer.read);
    if (cursor !== from) await deps.runtime.db.asWorker((trx) => moveCursor(trx, row, answer.read.cursor));
    if (!answer.read.hasMore || cursor === from) return;
  }
}

async function receive(
  deps: IngestDeps,
  { directory, groupCommit }: Receiving,
  webhooks: Webhooks,
  { tenant_id: tenantId, account_id: accountId }: SyncRow,
  { body: rawBody, receivedAt }: { readonly body: Uint8Array; readonly receivedAt: Date },
): Promise<void> {
  const target = await directory.byAddressId(tenantId, accountId);
  if (target === null) throw new Error('an account that is polled has no address');
  const request: WebhookRequest = { method: 'POST', headers: {}, query: {}, rawBody, receivedAt };
  const read = await readDelivery(deps, directory, webhooks, target, request);
  await groupCommit.accept({ target, ...request, traceparent: null, read });
}
