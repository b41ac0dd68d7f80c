import type { TenantId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome } from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';
import type { DB } from '../db.ts';
import { promptOf } from '../engine/prompt.ts';
import { askAssistant, type AssistantDeps } from './ask-assistant.ts';
import type { AssistantFailure } from './assistant.domain.ts';
import { noAssistant } from './assistant.commands.ts';
import { readAssistant } from './assistant.store.ts';

export interface TestResult {
  /** Null: the model answered in the shape that was asked for. */
  readonly failure: AssistantFailure | null;
  readonly tookMs: number;
}

const shape = Type.Object({ answer: Type.Literal('ready') }, { additionalProperties: false });
const outputTokensMax = 500;

/** Asks the model for one word, so that address, key and model are known to work. It costs a few tokens. */
export async function tryAssistant(deps: AssistantDeps, tenantId: TenantId, signal: AbortSignal): Promise<TestResult> {
  const startedMs = performance.now();
  const { text: system } = promptOf('test', {});
  const request = { system, data: ['{}'], name: 'test', shape, outputTokensMax, isStreamed: false };
  const asked = await askAssistant(deps, tenantId, 'test', request, signal);
  return { failure: asked.ok ? null : asked.failure, tookMs: Math.round(performance.now() - startedMs) };
}

/** Notes on the audit chain that somebody used the key. */
export async function noteTest(
  { trx, actor: { tenantId } }: CommandCall<DB>,
  result: TestResult,
): Promise<Outcome<TestResult, 'NOT_FOUND'>> {
  const row = await readAssistant(trx, tenantId);
  return row === null ? noAssistant : changed(result, row.id);
}
