import type { AgentId, CaseId, TenantId } from '@crossdesk/contracts';
import { causedByEvent, type ConsumerSpec, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { agentsByIds } from '../agent/agent.store.ts';
import { succeed } from '../case/case.commands.ts';
import type { Case } from '../case/case.domain.ts';
import { lockCasesOf } from '../case/case.store.ts';
import type { DB } from '../db.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Origin = ReturnType<typeof causedByEvent>;

const batchMax = 200;

/**
 * Gives the cases of people who may have them no longer to others: those whose access was taken away, and those whose
 * role does not include the store any more. A consumer of its own: what an admin does waits for nobody's cases.
 */
export function casesConsumer(deps: Deps): ConsumerSpec<DB> {
  return {
    name: 'conversation.cases',
    on: {
      'conversation.agent-changed': async (trx, events) => {
        for (const told of events) {
          const { tenantId, data } = told.event;
          // The successor is told of it, also if they have caused it.
          const origin = causedByEvent(told, { kind: 'system', id: null });
          await succeedOwner(deps, trx, { tenantId, agentId: data.agentId }, origin);
        }
      },
    },
  };
}

interface Owner {
  readonly tenantId: TenantId;
  readonly agentId: AgentId;
}

async function succeedOwner(deps: Deps, trx: Transaction<DB>, owner: Owner, origin: Origin): Promise<void> {
  const agent = (await agentsByIds(trx, owner.tenantId, [owner.agentId])).get(owner.agentId);
  if (agent === undefined || (agent.isActive && agent.customRoleId === null)) return;
  let last: CaseId | null = null;
  for (;;) {
    const locked: Case[] = await lockCasesOf(trx, owner, last, batchMax);
    for (const one of locked) await succeed(deps, trx, one, origin);
    last = locked.at(-1)?.id ?? null;
    if (last === null || locked.length < batchMax) return;
  }
}
