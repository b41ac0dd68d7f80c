import { changed, type CommandCall, type Outcome, type ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { setNotice, type StageNotice, type StageNoticeWish } from './stage-notice.domain.ts';
import { lockNotice, saveNotice } from './stage-notice.store.ts';

/** Sets what a store tells its buyers at a stage of their order. */
export async function setStageNotice(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  input: Omit<StageNoticeWish, 'tenantId'>,
): Promise<Outcome<StageNotice, 'INVALID_INPUT' | 'VERSION_CONFLICT'>> {
  const wish = { ...input, tenantId };
  const decision = setNotice(await lockNotice(trx, wish), wish, clock.now());
  if (!decision.ok) return decision;
  await saveNotice(trx, decision.value);
  return changed(decision.value, decision.value.accountId);
}
