import { changed, type CommandCall, type Outcome, unchanged } from '@crossdesk/service-kit';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import type { DB } from '../db.ts';
import { changeRule, type LintChange, type LintSetting } from './lint-setting.domain.ts';
import { lockLintSetting, saveLintSetting } from './lint-setting.store.ts';

/** Lets a rule of a platform warn instead of stop, or stop again. */
export async function setLintRule(
  { outbox, clock }: CommandDeps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  change: LintChange,
): Promise<Outcome<LintSetting, 'INVALID_INPUT' | 'VERSION_CONFLICT'>> {
  const present = await lockLintSetting(trx, tenantId);
  const decision = changeRule(present, change);
  if (!decision.ok) return decision;
  if (decision.value === present) return unchanged(present);
  const aggregate = await saveLintSetting(trx, tenantId, decision.value, clock.now());
  const lowered = decision.value.lowered.map((one) => ({ ...one }));
  await outbox.append(trx, [{ aggregate, type: 'conversation.lint-settings-changed', origin, data: { lowered } }]);
  return changed(decision.value, tenantId);
}
