import { newId, type SurveyPolicyId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome, type ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { cancelPlanned } from '../outreach/outreach.store.ts';
import { setPolicy, type SurveyPolicy, type SurveyPolicyWish } from './survey.domain.ts';
import { lockPolicy, savePolicy } from './survey-policy.store.ts';
import { plannedSubjects } from './survey.store.ts';

/** Sets when and how buyers are asked. Switched off, what was planned by it is not sent either. */
export async function upsertSurveyPolicy(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  wish: SurveyPolicyWish,
): Promise<Outcome<SurveyPolicy, 'INVALID_INPUT' | 'VERSION_CONFLICT'>> {
  const known = await lockPolicy(trx, tenantId, wish.key);
  const decision = setPolicy(known, wish, { tenantId, id: newId<SurveyPolicyId>() }, clock.now());
  if (!decision.ok) return decision;
  const policy = decision.value;
  await savePolicy(trx, policy);
  if (!policy.isOn) await cancelPlanned(trx, tenantId, await plannedSubjects(trx, tenantId, policy.id));
  return changed(policy, policy.id);
}
