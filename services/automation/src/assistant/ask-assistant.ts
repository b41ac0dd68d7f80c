import type { TenantId } from '@crossdesk/contracts';
import { causedOutside, declareCounter, type Keyring, type ServiceRuntime, unseal } from '@crossdesk/service-kit';
import type { Static, TObject } from '@sinclair/typebox';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { chat, type ChatAccess } from '../engine/chat.ts';
import type { Usage } from '../engine/chat-answer.domain.ts';
import type { ChatRequest } from '../engine/chat-body.domain.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { EngineFailure } from '../engine/engine-error.domain.ts';
import type { Breaker } from '../engine/breaker.ts';
import { mayBeCharged, meteredCall } from '../engine/metered-call.ts';
import type { AssistantFailure, Spending } from './assistant.domain.ts';
import { budgetReached } from './assistant.events.ts';
import { type AssistantRow, lockAssistant, readAssistant, saveAssistant } from './assistant.store.ts';
import { limitsOf, placeOf, priceOf } from './assistant-row.ts';
import { alarmShare, isLeft, microsOf, monthOf, shareOf, tokensAtMost, type Used } from './budget.domain.ts';
import { addReserved, settleReserved, type UsagePlace, usedInMonth } from './usage.store.ts';

export interface AssistantDeps {
  readonly runtime: Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'log' | 'metrics' | 'outbox'>;
  readonly client: EngineClient;
  readonly breaker: Breaker;
  readonly sealingKey: Keyring;
}

export type Asked<Value> =
  | { readonly ok: true; readonly value: Value; readonly model: string }
  | { readonly ok: false; readonly failure: AssistantFailure };

const calls = declareCounter<'purpose' | 'outcome'>('automation', {
  name: 'crossdesk_assistant_calls_total',
  help: 'Calls of models that workspaces have connected, by purpose and outcome: ok, or the reason that nothing came of it',
  labelNames: ['purpose', 'outcome'],
});

/** Asks the assistant of a workspace within its budget. It never throws because of the model. */
export async function askAssistant<Shape extends TObject>(
  deps: AssistantDeps,
  tenantId: TenantId,
  spending: Spending,
  request: ChatRequest<Shape>,
  signal: AbortSignal,
): Promise<Asked<Static<Shape>>> {
  const { runtime, client, breaker } = deps;
  const row = await runtime.db.forTenant(tenantId, (trx) => readAssistant(trx, tenantId));
  if (row === null || (spending !== 'test' && !row.purposes.includes(spending)))
    return { ok: false, failure: 'not-allowed' };
  const most = mostOf(request);
  const price = priceOf(row);
  const reserved = { tokens: most.input + most.output, micros: microsOf(price, most) };
  const place = { tenantId, spending, day: runtime.clock.now() };
  const called = await meteredCall(
    { breaker, log: runtime.log },
    {
      engine: engineOf(row),
      reserve: () => runtime.db.forTenant(tenantId, (trx) => reserve(trx, place, reserved)),
      settle: (result) => {
        const failure = result.ok ? null : result.failure;
        const usage = usageOf(result.ok ? result.value.usage : null, failure, most);
        const call = { reserved, usage, micros: microsOf(price, usage), failure };
        return runtime.db.forTenant(tenantId, (trx) => settle(deps, trx, place, call));
      },
    },
    () => chat((http) => client.post(http, signal), accessOf(deps.sealingKey, row), request),
  );
  calls(runtime.metrics).inc({ purpose: spending, outcome: called.ok ? 'ok' : called.failure });
  return called.ok ? { ok: true, value: called.value.value, model: row.model } : called;
}

/** What the breaker knows it by. New settings get a new chance. */
export function engineOf({ id, version }: Pick<AssistantRow, 'id' | 'version'>): string {
  return `assistant ${id} ${version}`;
}

function accessOf(sealingKey: Keyring, row: AssistantRow): ChatAccess {
  const { base_url: baseUrl, model, sealed_key: sealed } = row;
  return { baseUrl, model, apiKey: sealed === null ? null : unseal(sealingKey, placeOf(row), sealed) };
}

function mostOf({ system, data, shape, outputTokensMax }: ChatRequest<TObject>): Usage {
  const input = [system, ...data, JSON.stringify(shape)].reduce((sum, text) => sum + tokensAtMost(text), 0);
  return { input, output: outputTokensMax };
}

/** What a server does not tell counts as the most that it may be. */
function usageOf(told: Usage | null, failure: EngineFailure | null, most: Usage): Usage {
  if (failure !== null && !mayBeCharged(failure)) return { input: 0, output: 0 };
  return told ?? most;
}

async function reserve(trx: Transaction<DB>, place: UsagePlace, wanted: Used): Promise<boolean> {
  const row = await lockAssistant(trx, place.tenantId);
  if (row === null) return false;
  if (!isLeft(limitsOf(row), await usedInMonth(trx, place.tenantId, place.day), wanted)) return false;
  await addReserved(trx, place, wanted);
  return true;
}

/** Ends a reservation. The first call that brings the month to its alarm is announced. */
async function settle(
  { runtime: { outbox } }: AssistantDeps,
  trx: Transaction<DB>,
  place: UsagePlace,
  call: Parameters<typeof settleReserved>[2],
): Promise<void> {
  const row = await lockAssistant(trx, place.tenantId);
  await settleReserved(trx, place, call);
  if (row === null) return;
  const month = monthOf(place.day);
  const used = await usedInMonth(trx, place.tenantId, place.day);
  const share = shareOf(limitsOf(row), used);
  if (share < alarmShare || row.alarmed_month === month) return;
  const aggregate = await saveAssistant(trx, { ...row, alarmed_month: month, event_version: row.event_version + 1 });
  const origin = causedOutside({ kind: 'automation', id: null });
  await outbox.append(trx, [budgetReached(aggregate, row, { month, share, used }, origin)]);
}
