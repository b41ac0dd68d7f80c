import {
  causedBySystem,
  type DueWork,
  lockedAggregate,
  type ServiceRuntime,
  startDueWork,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { takeOffDuty } from '../duty/duty.commands.ts';
import { lookAfter } from '../queue/router-signal.ts';
import type { Shift } from './roster.domain.ts';
import { nextShiftInMs, shiftsWithin, takeDueShifts } from './shift.store.ts';

/** A shift that was published meanwhile may begin sooner than the one it waits for. */
const pollMs = 5_000;

/** Tells when shifts begin and end. */
export function startShifts(runtime: ServiceRuntime<DB>): DueWork {
  const { db, clock, log } = runtime;
  return startDueWork({
    name: 'shifts',
    pollMs,
    concurrencyMax: 100,
    nextDueInMs: () => db.asWorker((trx) => nextShiftInMs(trx, clock.now())),
    // One transaction takes and tells all of them: nothing is left to do for each.
    claim: (limit) => db.asWorker((trx) => tellShifts(runtime, trx, limit)),
    work: () => Promise.resolve(),
    log,
  });
}

async function tellShifts(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  limit: number,
): Promise<readonly unknown[]> {
  const due = await takeDueShifts(trx, limit, clock.now());
  const drafts = due.map(({ shift: { tenantId, id, agentId, startsAt, endsAt }, isEnd }) => ({
    aggregate: lockedAggregate({ tenantId, id, version: isEnd ? 2 : 1 }),
    type: isEnd ? ('conversation.shift-ended' as const) : ('conversation.shift-started' as const),
    origin: causedBySystem(),
    occurredAt: isEnd ? endsAt : startsAt,
    data: { shiftId: id, agentId, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() },
  }));
  await outbox.append(trx, drafts);
  for (const { shift, isEnd } of due) if (isEnd) await leave({ outbox, clock }, trx, shift);
  return due;
}

/** Whose shift is over goes home, and what they owe goes to others; unless the next one has begun. */
async function leave(
  deps: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  { tenantId, agentId }: Shift,
): Promise<void> {
  const now = deps.clock.now();
  const until = new Date(now.getTime() + 1);
  if ((await shiftsWithin(trx, tenantId, { from: now, until, agentIds: [agentId] })).length > 0) return;
  const actor = { kind: 'system', tenantId } as const;
  await takeOffDuty(deps, { trx, actor, origin: causedBySystem() }, agentId, null);
  lookAfter(trx, deps.outbox);
}
