import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { isPassed } from '../order/stage.domain.ts';
import { stagesOf } from '../order/order-stage.store.ts';
import type { GateFacts } from './gate.domain.ts';
import type { Outreach } from './outreach.domain.ts';

type Goal = Pick<GateFacts, 'isGoalMet' | 'isCancelled'>;

/** Whether what a message is for is still wanted: the stage of the order. */
export async function goalOf(trx: Transaction<DB>, { tenantId, kind, subject }: Outreach): Promise<Goal> {
  // What is planned for a conversation that is opened again is ended there.
  if (kind === 'survey') return { isGoalMet: false, isCancelled: false };
  const [orderId = '', stage = ''] = subject.split(' ');
  const stages = await stagesOf(trx, tenantId, orderId);
  return { isGoalMet: isPassed(stage, stages), isCancelled: stages.includes('cancelled') };
}
