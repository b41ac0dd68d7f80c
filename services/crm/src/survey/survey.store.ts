import type { ConversationId, CustomerId, DecisionId, SurveyPolicyId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { profileOfLink } from '../feedback/place.store.ts';
import { surveySubjectPrefix } from '../outreach/outreach.domain.ts';
import { type Csat, csatOf, type Round, type Survey } from './survey.domain.ts';

type Trx = Transaction<DB>;

interface ConversationKey {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
}

/** Locks what surveys know of conversations, by conversation. */
export async function lockRounds(trx: Trx, keys: readonly ConversationKey[]): Promise<Map<ConversationId, Round>> {
  const { rows } = await sql<Row<'survey_round'>>`
    select r.* from survey_round r
    join (select distinct * from unnest(${keys.map((k) => k.tenantId)}::uuid[],
      ${keys.map((k) => k.conversationId)}::uuid[]) as k (tenant_id, conversation_id)) k
      on k.tenant_id = r.tenant_id and k.conversation_id = r.conversation_id
    order by r.tenant_id, r.conversation_id for update of r`.execute(trx);
  return new Map(
    rows.map((row) => [
      row.conversation_id,
      {
        ...{ tenantId: row.tenant_id, conversationId: row.conversation_id, accountId: row.account_id },
        ...{ cycle: row.cycle, isOpen: row.is_open, subject: row.subject },
      },
    ]),
  );
}

export async function saveRounds(trx: Trx, rounds: readonly Round[]): Promise<void> {
  if (rounds.length === 0) return;
  await sql`
    insert into survey_round (tenant_id, conversation_id, account_id, cycle, is_open, subject)
    select * from unnest(${rounds.map((r) => r.tenantId)}::uuid[], ${rounds.map((r) => r.conversationId)}::uuid[],
      ${rounds.map((r) => r.accountId)}::uuid[], ${rounds.map((r) => r.cycle)}::int[],
      ${rounds.map((r) => r.isOpen)}::bool[], ${rounds.map((r) => r.subject)}::text[])
    order by 1, 2
    on conflict (tenant_id, conversation_id) do update set account_id = excluded.account_id, cycle = excluded.cycle,
      is_open = excluded.is_open, subject = excluded.subject`.execute(trx);
}

/** Whom a conversation is with, and when they wrote last; null: not known. */
export async function buyerOf(trx: Trx, { tenantId, conversationId }: ConversationKey) {
  const { rows } = await sql<{ profile_id: CustomerId; last_inbound_at: Date | null }>`
    select ${profileOfLink} as profile_id, c.last_inbound_at from conversation_link l
    left join contact_point c on c.tenant_id = l.tenant_id and c.conversation_id = l.conversation_id
    where l.tenant_id = ${tenantId} and l.conversation_id = ${conversationId} and l.customer_id is not null`.execute(
    trx,
  );
  const [row] = rows;
  return row === undefined ? null : { profileId: row.profile_id, lastInboundAt: row.last_inbound_at };
}

/** The subjects of surveys that a policy has planned and that are not decided. */
export async function plannedSubjects(trx: Trx, tenantId: TenantId, policyId: SurveyPolicyId): Promise<string[]> {
  const { rows } = await sql<{ subject: string }>`
    select subject from outreach where tenant_id = ${tenantId} and kind = 'survey' and state = 'planned'
      and starts_with(subject, ${surveySubjectPrefix(policyId)})`.execute(trx);
  return rows.map(({ subject }) => subject);
}

/** Notes surveys whose messages were written; what is none, or noted before, is left out. Returns those that are new. */
export async function noteSurveys(
  trx: Trx,
  sent: readonly { readonly tenantId: TenantId; readonly id: DecisionId }[],
): Promise<Survey[]> {
  if (sent.length === 0) return [];
  const { rows } = await sql<Row<'survey'>>`
    insert into survey (tenant_id, id, policy_id, conversation_id, cycle, account_id, profile_id, sent_at, version)
    select o.tenant_id, o.id, split_part(o.subject, ' ', 2)::uuid, split_part(o.subject, ' ', 3)::uuid,
      split_part(o.subject, ' ', 4)::int, o.account_id, o.profile_id, o.decided_at, 1
    from unnest(${sent.map((s) => s.tenantId)}::uuid[], ${sent.map((s) => s.id)}::uuid[]) as s (tenant_id, id)
    join outreach o on o.tenant_id = s.tenant_id and o.id = s.id and o.kind = 'survey' and o.decided_at is not null
    on conflict (tenant_id, id) do nothing returning *`.execute(trx);
  return rows.map(toSurvey);
}

export async function lockSurvey(trx: Trx, tenantId: TenantId, id: DecisionId): Promise<Survey | null> {
  const row = await trx
    .selectFrom('survey')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toSurvey(row);
}

export async function saveAnswer(trx: Trx, { tenantId, id, score, answeredAt, version }: Survey): Promise<void> {
  await trx
    .updateTable('survey')
    .set({ score, answered_at: answeredAt, version })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

/** The lock for appending events of a survey, which must be new or locked in this transaction. */
export function surveyAggregate({ tenantId, id, version }: Survey): LockedAggregate {
  return lockedAggregate({ tenantId, id, version });
}

/** How satisfied those are who were asked by a policy in a span of time, as far as the caller sees them. */
export async function csatOfPolicy(
  trx: Trx,
  tenantId: TenantId,
  policyId: SurveyPolicyId,
  { from, to }: { readonly from: Date | null; readonly to: Date | null },
): Promise<Csat> {
  const { rows } = await sql<{ score: number | null; count: number }>`
    select score, count(*)::int as count from survey
    where tenant_id = ${tenantId} and policy_id = ${policyId}
      and sent_at >= coalesce(${from}::timestamptz, '-infinity') and sent_at < coalesce(${to}::timestamptz, 'infinity')
    group by score`.execute(trx);
  const sent = rows.reduce((sum, { count }) => sum + count, 0);
  return csatOf(sent, new Map(rows.flatMap(({ score, count }) => (score === null ? [] : [[score, count] as const]))));
}

function toSurvey(row: Row<'survey'>): Survey {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    policyId: row.policy_id,
    conversationId: row.conversation_id,
    cycle: row.cycle,
    accountId: row.account_id,
    profileId: row.profile_id,
    sentAt: row.sent_at,
    score: row.score,
    answeredAt: row.answered_at,
    version: row.version,
  };
}
