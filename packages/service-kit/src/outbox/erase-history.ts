import {
  type AnyEvent,
  ContractViolation,
  decodeEvent,
  erasedEvent,
  firstIdAt,
  type TenantId,
} from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { textArray } from '../db/binary-array.ts';
import { type KitRow, kitTables } from '../db/kit-tables.ts';

/** No event is older than its aggregate, whose id contains its time; this allows for clocks that differ. */
const clocksDifferMsMax = 3_600_000;
const pageRows = 500;

/**
 * Erases the personal data of buyers in the service's own history under these keys, in place: ids, times, versions and
 * everything derived from them stay. Events that wait as dead letters are erased too. The aggregates must be locked, so
 * that nothing is appended meanwhile. Returns how many events were overwritten.
 */
export async function eraseHistory<Tables>(
  trx: Transaction<Tables>,
  tenantId: TenantId,
  keys: readonly string[],
): Promise<{ readonly table: string; readonly count: number }[]> {
  if (keys.length === 0) return [];
  return [
    { table: 'outbox_event', count: await eraseOutbox(trx, tenantId, keys) },
    { table: 'dead_letter', count: await eraseDeadLetters(trx, tenantId, keys) },
  ];
}

async function eraseOutbox<Tables>(trx: Transaction<Tables>, tenantId: TenantId, keys: readonly string[]) {
  let count = 0;
  let after = firstIdAt(new Date(Math.min(...keys.map(msOfId)) - clocksDifferMsMax));
  for (;;) {
    const { rows } = await sql<Pick<KitRow<'outbox_event'>, 'event_id'> & { envelope: string }>`
      select event_id, envelope::text as envelope from outbox_event
      where tenant_id = ${tenantId} and key = any(${keys}::uuid[]) and event_id > ${after}
      order by event_id limit ${pageRows}`.execute(trx);
    const erased = rows.flatMap(({ envelope }) => erasedEvent(decodeEvent(Buffer.from(envelope))) ?? []);
    await sql`
      update outbox_event o set envelope = n.envelope::json
      from unnest(${erased.map(({ id }) => id)}::uuid[], ${textArray(erased.map((event) => JSON.stringify(event)))}::text[])
        as n (event_id, envelope)
      where o.event_id = n.event_id and o.tenant_id = ${tenantId}`.execute(trx);
    count += erased.length;
    after = rows.at(-1)?.event_id ?? after;
    if (rows.length < pageRows) return count;
  }
}

/** The millisecond at the start of a UUIDv7. */
function msOfId(id: string): number {
  return Number.parseInt(`${id.slice(0, 8)}${id.slice(9, 13)}`, 16);
}

/** Erases waiting dead letters before they are applied. Bytes that cannot be read are left for a person to discard. */
async function eraseDeadLetters<Tables>(trx: Transaction<Tables>, tenantId: TenantId, keys: readonly string[]) {
  const table = kitTables(trx);
  const letters = table.selectFrom('dead_letter').select(['id', 'raw']).where('tenant_id', '=', tenantId);
  let count = 0;
  for (const { id, raw } of await letters.where('key', 'in', keys).execute()) {
    const event = readable(raw);
    const erased = event === null ? null : erasedEvent(event);
    if (erased === null) continue;
    await table
      .updateTable('dead_letter')
      .set({ raw: Buffer.from(JSON.stringify(erased)) })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .execute();
    count += 1;
  }
  return count;
}

function readable(raw: Buffer): AnyEvent | null {
  try {
    return decodeEvent(raw);
  } catch (error) {
    if (error instanceof ContractViolation) return null;
    throw error;
  }
}
