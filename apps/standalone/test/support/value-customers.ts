import { eventually } from '@crossdesk/testkit';
import { expect } from '@jest/globals';
import type { Api } from './api.ts';
import type { Workspace } from './workspace.ts';

interface Valuing {
  readonly lumina: Workspace;
  readonly customerId: string;
  readonly perform: (api: Api, name: string, input: object, selection?: string) => Promise<unknown>;
}

/** What people say of customers, and how they value them. */
export async function valueCustomers({ lumina, customerId, perform }: Valuing): Promise<void> {
  const { agent, supervisor } = lumina;
  await perform(agent, 'tagCustomer', { customerId, tag: 'VIP' });
  await perform(agent, 'untagCustomer', { customerId, tag: 'VIP' });
  const condition = { leaf: { field: 'orders.count', op: 'AT_LEAST', values: ['3'] } };
  const rule = await perform(supervisor, 'upsertTagRule', { tag: 'regular', condition }, 'rule { id }');
  await perform(supervisor, 'deleteTagRule', { ruleId: (rule as { rule: { id: string } }).rule.id });
  const segment = await perform(supervisor, 'upsertSegment', { name: 'Regulars', condition }, 'segment { id }');
  await perform(supervisor, 'deleteSegment', { segmentId: (segment as { segment: { id: string } }).segment.id });
  await perform(supervisor, 'setFxRate', { currency: 'TWD', day: '2026-01-01', perEur: '34.75' });
  const begun = await perform(supervisor, 'recomputeSegments', {}, 'run { id }');
  const { id: runId } = (begun as { run: { id: string } }).run;
  await eventually(async () => {
    const query = 'query($id: ID!) { tierRun(id: $id) { state } }';
    const { tierRun } = await supervisor.ask<{ tierRun: { state: string } }>(query, { id: runId });
    expect(tierRun.state).toBe('READY');
  });
  await perform(supervisor, 'applyTierRun', { runId });
}

/** What the workspace says of its customers: a rule, a segment with all of them, what another model would change. */
export async function customerValueOf(ws: Workspace, word: string) {
  const condition = { all: [] };
  const rule = {
    tag: `${word} rule`,
    condition: { leaf: { field: 'orders.count', op: 'AT_LEAST', values: ['1000'] } },
  };
  type Made = { made: { made: { id: string } } };
  const make = async (mutation: string, input: string, field: string, value: object): Promise<string> => {
    const query = `mutation($input: ${input}!) { made: ${mutation}(input: $input) { made: ${field} { id } errors { code } } }`;
    return (await ws.supervisor.ask<Made>(query, { input: value })).made.made.id;
  };
  const limits = { recencyDays: [1, 2, 3, 4], frequencyCounts: [1, 2, 3, 4], monetaryAmounts: [1, 2, 3, 4] };
  const model = { currency: 'USD', ...limits, tiers: [{ name: 'EVERYBODY' }] };
  // There is something to change as soon as somebody's order is known.
  const tierRun = await eventually(async () => {
    const id = await make('recomputeSegments', 'RecomputeSegmentsInput', 'run', { model });
    await eventually(async () => {
      const query = 'query($id: ID!) { tierRun(id: $id) { state } }';
      const found = await ws.supervisor.ask<{ tierRun: { state: string } }>(query, { id });
      expect(found.tierRun.state).toBe('READY');
    });
    const { changes } = (
      await ws.supervisor.ask<{ tierRun: { changes: { edges: object[] } } }>(
        'query($id: ID!) { tierRun(id: $id) { changes { edges { cursor } } } }',
        { id },
      )
    ).tierRun;
    expect(changes.edges).not.toEqual([]);
    return id;
  });
  return {
    tagRule: await make('upsertTagRule', 'UpsertTagRuleInput', 'rule', rule),
    segment: await make('upsertSegment', 'UpsertSegmentInput', 'segment', { name: `${word} segment`, condition }),
    tierRun,
  };
}
