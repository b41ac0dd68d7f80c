import { firstIdAt, newId } from '@crossdesk/contracts';
import { accept, type CommandCall, makeOnce, type Outcome, refuse, type ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import type { ReprocessingId } from './reprocessing.ts';
import { insertReprocessing, isOneRunning, type ReprocessingRow, reprocessingsByIds } from './reprocessing.store.ts';

interface Wish {
  readonly clientMutationId: string;
  readonly from: Date;
  readonly to: Date;
}

/** Asks to understand messages again; the reprocessor does it in the background. */
export async function askReprocessing(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  call: CommandCall<DB>,
  { clientMutationId, from, to }: Wish,
): Promise<Outcome<ReprocessingRow, 'CLIENT_ID_REUSED' | 'INVALID_INPUT'>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  if (from >= to) return refuse('INVALID_INPUT', 'to', 'The time ends before it begins.');
  return makeOnce<DB, ReprocessingRow, 'INVALID_INPUT'>(
    call,
    { kind: 'reprocessing', clientMutationId, content: [from.toISOString(), to.toISOString()] },
    {
      find: async (id) => (await reprocessingsByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        if (await isOneRunning(trx, tenantId))
          return refuse('INVALID_INPUT', null, 'Messages are being reprocessed already: wait for that.');
        const now = clock.now();
        const made: ReprocessingRow = {
          ...{ tenant_id: tenantId, id: newId<ReprocessingId>(), from_at: from, to_at: to, state: 'running' },
          ...{ messages: 0, revised: 0, after_message: firstIdAt(from) },
          ...{ tries: 0, due_at: now, requested_at: now, finished_at: null },
        };
        return accept({ made, record: () => insertReprocessing(trx, made) });
      },
    },
  );
}
