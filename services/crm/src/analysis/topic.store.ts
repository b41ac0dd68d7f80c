import type { ConversationId, EventOf, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

type Changed = { readonly event: EventOf<'conversation.changed'> };

/** Keeps what conversations are about, each as of its last event. */
export async function saveTopics(trx: Transaction<DB>, events: readonly Changed[]): Promise<void> {
  const classified = events.flatMap(({ event: { tenantId, data } }) =>
    data.change === 'classified' ? [{ tenantId, ...data.conversation }] : [],
  );
  const latest = [...new Map(classified.map((one) => [`${one.tenantId} ${one.conversationId}`, one])).values()];
  if (latest.length === 0) return;
  await sql`
    insert into conversation_topic (tenant_id, conversation_id, account_id, enquiry_type, language)
    select * from unnest(${latest.map((one) => one.tenantId)}::uuid[], ${latest.map((one) => one.conversationId)}::uuid[],
      ${latest.map((one) => one.accountId)}::uuid[], ${latest.map((one) => one.enquiryType ?? null)}::text[],
      ${latest.map((one) => one.language ?? null)}::text[]) as t
    order by 1, 2
    on conflict (tenant_id, conversation_id) do update
    set enquiry_type = excluded.enquiry_type, language = excluded.language`.execute(trx);
}

/** The language that the buyer writes in a conversation, BCP 47; null if it is not known. */
export async function languageIn(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<string | null> {
  const row = await trx
    .selectFrom('conversation_topic')
    .select('language')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return row?.language ?? null;
}
