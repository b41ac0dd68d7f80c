import type { Calendar } from '@crossdesk/business-time';
import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { asksMarks, type CustomerMarks, noWish, unmarked } from '../customer-mark/customer-mark.domain.ts';
import { marksOfConversations } from '../customer-mark/customer-mark.store.ts';
import type { DB, Row } from '../db.ts';
import type { Policy } from './policy.domain.ts';
import { deadlineKey, type KnownCalendar, type Settings } from './standards.ts';

type Trx = Transaction<DB>;
export type PolicyRow = Row<'sla_policy'> & Pick<Row<'sla_policy_version'>, 'content'>;
type SettingRow = PolicyRow & {
  readonly calendar_version: number | null;
  readonly calendar_content: Calendar | null;
};

/** What workspaces have set about service levels. Two statements. */
export async function readSettings(trx: Trx, tenantIds: readonly TenantId[]): Promise<Settings> {
  const { rows } = await sql<SettingRow>`
    select p.*, v.content, c.version as calendar_version, w.content as calendar_content
    from sla_policy p
    join sla_policy_version v on v.tenant_id = p.tenant_id and v.policy_id = p.id and v.version = p.version
    left join calendar c on c.tenant_id = p.tenant_id and c.id = p.calendar_id
    left join calendar_version w on w.tenant_id = c.tenant_id and w.calendar_id = c.id and w.version = c.version
    where p.tenant_id = any(${tenantIds}::uuid[]) and p.is_active order by p.position, p.id`.execute(trx);
  const deadlines = await sql<Row<'platform_deadline'>>`
    select * from platform_deadline where tenant_id = any(${tenantIds}::uuid[])`.execute(trx);
  const policies = rows.map((row) => ({ policy: toPolicy(row), calendar: calendarOf(row) }));
  return {
    policies: Map.groupBy(policies, ({ policy }) => policy.tenantId),
    deadlines: new Map(deadlines.rows.map((row) => [deadlineKey(row.tenant_id, row.channel), row.minutes])),
  };
}

/** What service levels are told of the customers of conversations; not read where no policy asks for them. */
export async function marksAskedBy(
  trx: Trx,
  { policies }: Settings,
  conversations: readonly { readonly tenantId: TenantId; readonly id: ConversationId }[],
): Promise<(conversation: { readonly tenantId: TenantId; readonly id: ConversationId }) => CustomerMarks> {
  const known = new Map<string, CustomerMarks>();
  for (const [tenantId, own] of Map.groupBy(conversations, (one) => one.tenantId)) {
    if (!(policies.get(tenantId) ?? []).some(({ policy }) => asksMarks(policy))) continue;
    const ids = [...new Set(own.map(({ id }) => id))];
    for (const [id, marks] of await marksOfConversations(trx, tenantId, ids)) known.set(`${tenantId}/${id}`, marks);
  }
  return ({ tenantId, id }) => known.get(`${tenantId}/${id}`) ?? unmarked;
}

export function toPolicy({ content, ...row }: PolicyRow): Policy {
  return {
    ...noWish,
    ...content,
    tenantId: row.tenant_id,
    id: row.id,
    version: row.version,
    position: row.position,
    createdAt: row.created_at,
  };
}

function calendarOf(row: SettingRow): KnownCalendar | null {
  const { tenant_id: tenantId, calendar_id: id, calendar_version: version, calendar_content: content } = row;
  return id === null || version === null || content === null ? null : { ...content, tenantId, id, version };
}
