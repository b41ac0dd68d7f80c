import { causedBySystem, declareCounter, type DueWork, startDueWork } from '@crossdesk/service-kit';
import type { Trx } from '../db.ts';
import { type Answer, circuitAfter, isGone, isTaken, nextAttemptAt, triedForMs } from './attempt.domain.ts';
import { callReceiver, type CourierDeps } from './call-receiver.ts';
import { endpointChanged } from './endpoint.events.ts';
import { type EndpointRow, findEndpoint, lockEndpoint, saveCircuit, saveEndpoint } from './endpoint.store.ts';
import {
  claimLanes,
  type DeliveryRow,
  giveUpOverdue,
  hastenLanes,
  headOf,
  type LeasedLane,
  releaseLane,
  saveAttempt,
} from './webhook-delivery.store.ts';
import { findEvent } from './webhook-event.store.ts';

export const receiverTimeoutMs = 15_000;
/** Longer than a call may take, with time to note its outcome. */
const leaseMs = 2 * receiverTimeoutMs;
/** Many receivers may hang at once: each has its own few calls, and those of others must still find room here. */
const callsMax = 128;

const counted = declareCounter<'outcome'>('ingest', {
  name: 'crossdesk_webhook_calls_total',
  help: 'Calls to the addresses of others that events are pushed to, by outcome; dead: not taken within three days',
  labelNames: ['outcome'],
});

/** Delivers pending events to the addresses of others. */
export function startCourier(deps: CourierDeps): DueWork {
  const { db, clock, log } = deps.runtime;
  return startDueWork({
    name: 'webhook courier',
    pollMs: 500,
    concurrencyMax: callsMax,
    log,
    claim: (limit) => db.asWorker((trx) => claimLanes(trx, limit, clock.now(), leaseMs)),
    work: (lane) => deliverNext(deps, lane),
  });
}

/** Tries the next delivery of a lane. The lane is due again at once for the one behind it, or later for another try. */
async function deliverNext(deps: CourierDeps, lane: LeasedLane): Promise<void> {
  const { db, clock } = deps.runtime;
  const next = await db.asWorker((trx) => readNext(trx, lane));
  if (next === null) return db.asWorker((trx) => releaseLane(trx, lane, clock.now()));
  const answer = await callReceiver(deps, next.endpoint, next.letter);
  const { isBack, outcome } = await db.asWorker((trx) => note(deps, trx, lane, next.delivery, answer));
  if (outcome !== null) counted(deps.runtime.metrics).inc({ outcome });
  if (isBack) await db.asWorker((trx) => hastenLanes(trx, next.endpoint, clock.now()));
}

async function readNext(trx: Trx, lane: LeasedLane) {
  const delivery = await headOf(trx, lane);
  const endpoint = await findEndpoint(trx, lane.tenant_id, lane.endpoint_id);
  const event = delivery === null ? null : await findEvent(trx, lane.tenant_id, delivery.event_id);
  if (delivery === null || endpoint === null || event === null) return null;
  return { delivery, endpoint, letter: { id: event.event_id, type: event.type, body: event.envelope } };
}

interface Noted {
  /** The receiver answers again after it had failed too often. */
  readonly isBack: boolean;
  /** Null when somebody else noted the attempt, or the address is gone. */
  readonly outcome: 'delivered' | 'failed' | 'dead' | null;
}

async function note(
  deps: CourierDeps,
  trx: Trx,
  lane: LeasedLane,
  delivery: DeliveryRow,
  answer: Answer,
): Promise<Noted> {
  const now = deps.runtime.clock.now();
  const { attempts, pending_since: pendingSince } = delivery;
  const again =
    isTaken(answer) || isGone(answer)
      ? null
      : nextAttemptAt({ attempts: attempts + 1, pendingSince }, now, Math.random());
  const state = isTaken(answer) ? 'delivered' : again === null ? 'dead' : 'pending';
  const isMine = await saveAttempt(trx, delivery, { state, answer, at: now });
  await releaseLane(trx, lane, again ?? now);
  const isBack = await noteHealth(deps, trx, lane, answer);
  return { isBack, outcome: isMine ? (state === 'pending' ? 'failed' : state) : null };
}

/** Opens, closes or moves the circuit of the address. Most calls succeed and change nothing. */
async function noteHealth(deps: CourierDeps, trx: Trx, lane: LeasedLane, answer: Answer): Promise<boolean> {
  const seen = await findEndpoint(trx, lane.tenant_id, lane.endpoint_id);
  if (seen === null || (isTaken(answer) && seen.failures_in_row === 0)) return false;
  const endpoint = await lockEndpoint(trx, lane.tenant_id, lane.endpoint_id);
  if (endpoint === null || !endpoint.is_enabled) return false;
  if (isGone(answer)) {
    const reason = 'the receiver answered 410 Gone: enable the address again when it takes events';
    await change(deps, trx, { ...endpoint, is_enabled: false, disabled_reason: reason });
    return false;
  }
  const { failures_in_row: failuresInRow, probe_at: probeAt } = endpoint;
  const circuit = circuitAfter({ failuresInRow, probeAt }, answer, deps.runtime.clock.now());
  const isTold = (probeAt === null) !== (circuit.probeAt === null);
  if (!isTold) await saveCircuit(trx, endpoint, circuit);
  else await change(deps, trx, { ...endpoint, failures_in_row: circuit.failuresInRow, probe_at: circuit.probeAt });
  return probeAt !== null && circuit.probeAt === null;
}

async function change({ runtime }: CourierDeps, trx: Trx, row: EndpointRow): Promise<void> {
  const next = { ...row, version: row.version + 1 };
  await runtime.outbox.append(trx, [endpointChanged(await saveEndpoint(trx, next), next, causedBySystem())]);
}

/** Gives up what waited for three days for receivers that are not called. */
export async function giveUpDeliveries({ runtime }: Pick<CourierDeps, 'runtime'>): Promise<void> {
  const now = runtime.clock.now();
  const before = new Date(now.getTime() - triedForMs);
  const count = await runtime.db.asWorker((trx) => giveUpOverdue(trx, before, now));
  if (count > 0) counted(runtime.metrics).inc({ outcome: 'dead' }, count);
}
