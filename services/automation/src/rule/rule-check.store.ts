import type { TemplateId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { RuleContent } from './rule.domain.ts';
import { templatesByIds } from '../template/template.store.ts';

/** The templates that rules reply with and that can be sent. */
export async function sendableTemplates(
  trx: Transaction<DB>,
  tenantId: TenantId,
  rules: readonly RuleContent[],
): Promise<Set<string>> {
  const ids = rules.flatMap(({ actions }) =>
    // `readRule` has decoded the id.
    actions.flatMap(({ type, value }) => (type === 'reply' ? [value as TemplateId] : [])),
  );
  const found = await templatesByIds(trx, tenantId, [...new Set(ids)]);
  return new Set([...found.values()].flatMap(({ id, isEnabled }) => (isEnabled ? [id] : [])));
}
