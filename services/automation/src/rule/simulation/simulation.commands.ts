import { newId, type RuleId } from '@crossdesk/contracts';
import {
  accept,
  type CommandCall,
  type Decision,
  makeOnce,
  type Outcome,
  refuse,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { withDraft } from '../draft.domain.ts';
import type { Mode, RuleContent, RuleVersion } from '../rule.domain.ts';
import { presentSets, readRuleSet } from '../rule-set.store.ts';
import type { SimulationId } from './simulation.domain.ts';
import { insertSimulation, lockRunning, type SimulationRow, simulationsByIds } from './simulation.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;

export interface SimulationWish {
  readonly clientMutationId: string;
  /** Null: the rules as they are. */
  readonly ruleSet: number | null;
  readonly ruleId: RuleId | null;
  readonly draft: RuleContent | null;
  /** Of the draft, or of the rule. */
  readonly mode: Mode;
  readonly from: Date;
  readonly to: Date;
}

const runningMax = 3;

/** Asks for a simulation; the simulator makes it in the background. */
export async function askSimulation(
  { clock }: Deps,
  call: CommandCall<DB>,
  wish: SimulationWish,
): Promise<Outcome<SimulationRow, 'CLIENT_ID_REUSED' | 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const { clientMutationId, from, to, ...rest } = wish;
  if (from >= to) return refuse('INVALID_INPUT', 'to', 'The time ends before it begins.');
  const running = await lockRunning(trx, tenantId);
  return makeOnce<DB, SimulationRow, 'INVALID_INPUT' | 'NOT_FOUND'>(
    call,
    { kind: 'simulation', clientMutationId, content: [JSON.stringify({ from, to, ...rest })] },
    {
      find: async (id) => (await simulationsByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        if (running >= runningMax)
          return refuse('INVALID_INPUT', null, `At most ${runningMax} simulations run at a time: wait for one.`);
        const rules = await rulesToTry(call, wish);
        if (!rules.ok) return rules;
        const made = queued({ tenantId, rules: rules.value, from, to, now: clock.now() });
        return accept({ made, record: () => insertSimulation(trx, made) });
      },
    },
  );
}

interface Queued extends Pick<SimulationWish, 'from' | 'to'> {
  readonly tenantId: SimulationRow['tenant_id'];
  readonly rules: readonly RuleVersion[];
  readonly now: Date;
}

function queued({ tenantId, rules, from, to, now }: Queued): SimulationRow {
  return {
    ...{ tenant_id: tenantId, id: newId<SimulationId>(), rules, from_at: from, to_at: to },
    ...{ state: 'running', events: 0, result: null, tries: 0, due_at: now, requested_at: now, finished_at: null },
  };
}

async function rulesToTry(
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { ruleSet, ruleId, draft, mode }: SimulationWish,
): Promise<Decision<readonly RuleVersion[], 'NOT_FOUND'>> {
  const present = (await presentSets(trx, [tenantId])).get(tenantId) ?? 0;
  const number = ruleSet ?? present;
  if (number < 0 || number > present) return refuse('NOT_FOUND', 'ruleSet', 'The workspace has had no such rule set.');
  const { rules } = await readRuleSet(trx, tenantId, number);
  const rule = rules.find(({ id }) => id === ruleId);
  if (ruleId !== null && rule === undefined)
    return refuse('NOT_FOUND', 'ruleId', 'There is no rule with this id in the set.');
  const content = draft ?? rule ?? null;
  return accept(content === null ? rules : withDraft(rules, { id: ruleId ?? newId<RuleId>(), content, mode }));
}
