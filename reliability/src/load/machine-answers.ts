import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import { insist } from '../system/insist.ts';

/** What the rule of `letMachineAnswer` says. */
export const machineAnswer = 'A machine answers.';

const setPolicy = `mutation { setAutomationPolicy(input: { mode: OFF, waitSeconds: 0, answersPerDayMax: 20, humanRisks: [],
  expectedVersion: 0 }) { policy { version } errors { code } } }`;
const upsertTemplate = `mutation($input: UpsertTemplateInput!) {
  upsertTemplate(input: $input) { template { id } errors { code } } }`;
const createRule = `mutation($input: CreateAutomationRuleInput!) {
  createAutomationRule(input: $input) { rule { id version } errors { code message } } }`;
const setMode = `mutation($input: SetAutomationRuleModeInput!) {
  setAutomationRuleMode(input: $input) { rule { mode } errors { code } } }`;

/** A rule answers every turn of a buyer; the same words again are held back, so that each conversation has them once. */
export async function letMachineAnswer({ supervisor }: Workspace): Promise<void> {
  await insist(async () => {
    const policy = await supervisor.ask<{ setAutomationPolicy: { policy: unknown } }>(setPolicy);
    if (policy.setAutomationPolicy.policy === null) throw new Error('the policy was refused');
    const template = {
      ...{ key: 'machine', name: 'Machine', situation: 'OTHER', variables: [], fallbackLocales: ['en'] },
      variants: [{ locale: 'en', text: machineAnswer }],
    };
    type Made = { upsertTemplate: { template: { id: string } | null } };
    const { upsertTemplate: made } = await supervisor.ask<Made>(upsertTemplate, { input: template });
    const actions = [{ type: 'REPLY', value: made.template?.id ?? '' }];
    const input = { clientMutationId: 'machine', rule: { name: 'machine', trigger: 'TURN', actions } };
    type Created = { createAutomationRule: { rule: { id: string; version: number } | null } };
    const { rule } = (await supervisor.ask<Created>(createRule, { input })).createAutomationRule;
    if (rule === null) throw new Error('the rule was refused');
    const mode = { ruleId: rule.id, expectedVersion: rule.version, mode: 'AUTO' };
    type Set = { setAutomationRuleMode: { rule: { mode: string } | null } };
    const { setAutomationRuleMode: set } = await supervisor.ask<Set>(setMode, { input: mode });
    if (set.rule?.mode !== 'AUTO') throw new Error('the rule does not act');
  });
}
