import { sql } from 'kysely';
import * as original from '../../../../services/ingest/src/raw/raw.store.ts';

export * from '../../../../services/ingest/src/raw/raw.store.ts';

/** Looks for the delivery first, and inserts it when it is not there. */
export const insertReceipts: typeof original.insertReceipts = async (trx, receipts) => {
  const { rows } = await sql<{ address_id: string; delivery_key: string }>`
    select address_id, delivery_key from webhook_receipt
    where (tenant_id, address_id, delivery_key) in (select * from unnest(${receipts.map((one) => one.tenantId)}::uuid[],
      ${receipts.map((one) => one.addressId)}::uuid[], ${receipts.map((one) => one.deliveryKey)}::text[]))`.execute(
    trx,
  );
  const known = new Set(rows.map((row) => `${row.address_id} ${row.delivery_key}`));
  return original.insertReceipts(
    trx,
    receipts.filter(({ addressId, deliveryKey }) => !known.has(`${addressId} ${deliveryKey}`)),
  );
};
