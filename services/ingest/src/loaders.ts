import type { TenantId } from '@crossdesk/contracts';
import { type RequestContext, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import { findAccounts } from './account/account.store.ts';
import { findConsentEnds, toConsentEnd } from './account/consent-end.store.ts';
import type { Trx } from './db.ts';
import type { IngestDeps } from './deps.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { accountsOfQueued, findPauses } from './delivery/send-pause.store.ts';
import { findMedia, findMediaOfNotes } from './media/media.store.ts';
import { findOrders } from './order/order.store.ts';
import { findParts } from './sync/resync.store.ts';
import { findCursors } from './sync/sync.store.ts';
import { findRefusals } from './account/refusal.store.ts';
import { findRaw, findWholeTexts } from './thread/message-id.store.ts';

type InTenant = <Result>(read: (trx: Trx, tenantId: TenantId) => Promise<Result>) => Promise<Result>;
type AccountLoaders = Pick<
  GraphqlContext,
  'accounts' | 'consentEnds' | 'cursors' | 'pauses' | 'resyncParts' | 'refusals'
>;
type MessageLoaders = Pick<
  GraphqlContext,
  'media' | 'mediaOfNotes' | 'orders' | 'queuedFor' | 'wholeTexts' | 'rawPayloads'
>;

/** The loaders of one request: reads by id, batched. */
export function createLoaders(deps: IngestDeps, request: RequestContext): AccountLoaders & MessageLoaders {
  const inTenant: InTenant = (read) => {
    const { tenantId } = signedIn(request);
    return deps.runtime.db.forTenant(tenantId, (trx) => read(trx, tenantId));
  };
  return { ...accountLoaders(inTenant), ...messageLoaders(inTenant) };
}

function accountLoaders(inTenant: InTenant): AccountLoaders {
  return {
    accounts: new DataLoader(async (ids) => {
      const rows = new Map(
        (await inTenant((trx, tenantId) => findAccounts(trx, tenantId, ids))).map((row) => [row.id as string, row]),
      );
      return ids.map((id) => rows.get(id) ?? null);
    }),
    consentEnds: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => findConsentEnds(trx, tenantId, ids));
      const ends = new Map(rows.map((row) => [row.account_id as string, toConsentEnd(row)]));
      return ids.map((id) => ends.get(id) ?? null);
    }),
    cursors: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => findCursors(trx, tenantId, ids));
      return ids.map((id) => rows.filter((row) => row.account_id === id));
    }),
    pauses: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => findPauses(trx, tenantId, ids));
      return ids.map((id) => rows.filter((row) => row.account_id === id));
    }),
    resyncParts: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => findParts(trx, tenantId, ids));
      return ids.map((id) => rows.filter((row) => row.resync_id === id));
    }),
    refusals: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => findRefusals(trx, tenantId, ids));
      const byAddress = new Map(rows.map((row) => [row.address_id as string, row]));
      return ids.map((id) => byAddress.get(id) ?? null);
    }),
  };
}

function messageLoaders(inTenant: InTenant): MessageLoaders {
  return {
    media: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => findMedia(trx, tenantId, ids));
      return ids.map((id) => rows.find((row) => row.message_id === id) ?? null);
    }),
    mediaOfNotes: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => findMediaOfNotes(trx, tenantId, ids));
      return ids.map((id) => rows.filter((row) => row.note_id === id));
    }),
    orders: new DataLoader(async (ids) => {
      const rows = new Map(
        (await inTenant((trx, tenantId) => findOrders(trx, tenantId, ids))).map((row) => [row.order_id as string, row]),
      );
      return ids.map((id) => rows.get(id) ?? null);
    }),
    queuedFor: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => accountsOfQueued(trx, tenantId, ids));
      return ids.map((id) => rows.find((row) => row.message_id === id)?.account_id ?? null);
    }),
    wholeTexts: new DataLoader(async (ids) => {
      const texts = await inTenant((trx, tenantId) => findWholeTexts(trx, tenantId, ids));
      return ids.map((id) => texts.get(id) ?? null);
    }),
    rawPayloads: new DataLoader(async (ids) => {
      const payloads = await inTenant((trx, tenantId) => findRaw(trx, tenantId, ids));
      return ids.map((id) => payloads.get(id) ?? null);
    }),
  };
}
