import type { TenantId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  lockedAggregate,
  type Outcome,
  refuse,
  type Refused,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { isDeepStrictEqual } from 'node:util';
import type { DB } from '../db.ts';
import { templatesByIds } from '../template/template.store.ts';
import { defaultPolicy, type Policy, type PolicyContent } from './policy.domain.ts';
import { lockPolicy, type PolicyRow, savePolicy } from './policy.store.ts';

export interface PolicyChange {
  readonly policy: Policy;
  readonly expectedVersion: number;
}

/** Sets what a machine may answer by itself. */
export async function changePolicy(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { policy, expectedVersion }: PolicyChange,
): Promise<Outcome<PolicyRow, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const row = (await lockPolicy(trx, tenantId)) ?? unsetPolicy(tenantId, clock.now());
  const { mode, waitSeconds, content } = policy;
  if (row.mode === mode && row.wait_seconds === waitSeconds && isDeepStrictEqual(row.content, content))
    return unchanged(row);
  if (row.version !== expectedVersion) {
    const message = `The policy is at version ${row.version} now: read it, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  const dangling = await refuseDangling(trx, tenantId, content);
  if (dangling !== null) return dangling;
  const version = row.version + 1;
  const next = { tenant_id: tenantId, mode, wait_seconds: waitSeconds, content, version, changed_at: clock.now() };
  await savePolicy(trx, next);
  const aggregate = lockedAggregate({ tenantId, id: tenantId, version });
  const intents = [...new Set(content.answers.map(({ intent }) => intent))];
  await outbox.append(trx, [{ aggregate, type: 'automation.policy-changed', origin, data: { mode, intents } }]);
  return changed(next, tenantId);
}

/** The policy of a workspace that has set none. */
export function unsetPolicy(tenantId: TenantId, now: Date): PolicyRow {
  const { mode, waitSeconds, content } = defaultPolicy;
  return { tenant_id: tenantId, mode, wait_seconds: waitSeconds, content, version: 0, changed_at: now };
}

async function refuseDangling(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { answers, askForOrderTemplateId, handOver }: PolicyContent,
): Promise<Refused<'NOT_FOUND'> | null> {
  const named = [
    ...answers.map(({ templateId }, n) => ({ templateId, path: ['answers', String(n), 'templateId'] })),
    ...(askForOrderTemplateId === null ? [] : [{ templateId: askForOrderTemplateId, path: ['askForOrderTemplateId'] }]),
    ...(handOver === null ? [] : [{ templateId: handOver.templateId, path: ['handOver', 'templateId'] }]),
  ];
  const found = await templatesByIds(trx, tenantId, [...new Set(named.map(({ templateId }) => templateId))]);
  const missing = named.find(({ templateId }) => !found.has(templateId));
  if (missing === undefined) return null;
  const message = 'There is no template with this id: take one from templates.';
  return { ok: false, errors: [{ code: 'NOT_FOUND', message, path: ['input', ...missing.path] }] };
}
