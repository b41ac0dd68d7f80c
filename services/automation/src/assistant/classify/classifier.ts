import { causedOutside, type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import { type Static, Type } from '@sinclair/typebox';
import { firstIdAt, type TenantId } from '@crossdesk/contracts';
import { type Intent, intents } from '../../analysis/labels.domain.ts';
import { type FoundByOther, revise } from '../../analysis/revise.ts';
import type { DB } from '../../db.ts';
import { asData, promptOf } from '../../engine/prompt.ts';
import { askAssistant, type AssistantDeps, type Asked } from '../ask-assistant.ts';
import type { AssistantFailure } from '../assistant.domain.ts';
import type { AssistantRow } from '../assistant.store.ts';
import {
  type Abstained,
  abstainedBetween,
  claimClassifiers,
  endRound,
  isStillSaid,
  nextClassifierAt,
  saveProgress,
} from './abstained.store.ts';

interface Deps extends AssistantDeps {
  readonly runtime: AssistantDeps['runtime'] & Pick<ServiceRuntime<DB>, 'outbox'>;
}

const pollMs = 60_000;
const concurrencyMax = 4;
const messagesMax = 20;
const answerMsMax = 20_000;
const roundMsMax = 60_000;
/** Messages that are younger may not be stored yet. One that takes longer keeps its first analysis. */
const settledAfterMs = 5_000;
const textCharactersMax = 2_000;
const outputTokensMax = 1_500;
/** Models tell no probability; they are right about that often. */
const scoreOfOther = 0.8;

const shape = Type.Object({ intents: Type.Array(Type.String()) }, { additionalProperties: false });

/** Has assistants look at messages that the built-in model is not certain of, beside everything else. */
export function startClassifier(deps: Deps): DueWork {
  const { db, clock, log } = deps.runtime;
  return startDueWork<AssistantRow>({
    name: 'classification by assistants',
    pollMs,
    concurrencyMax,
    claim: (limit) => db.asWorker((trx) => claimClassifiers(trx, limit, clock.now())),
    nextDueInMs: async () => {
      const at = await db.asWorker(nextClassifierAt);
      return at === null ? null : at.getTime() - clock.now().getTime();
    },
    work: (row, stop) => lookAround(deps, row, stop),
    log,
  });
}

/** One round of a workspace: some messages, one after the other, until the assistant cannot go on. */
async function lookAround(deps: Deps, row: AssistantRow, stop: AbortSignal): Promise<void> {
  const { db, clock } = deps.runtime;
  const { tenant_id: tenantId } = row;
  const before = firstIdAt(new Date(clock.now().getTime() - settledAfterMs));
  const span = { after: row.classified_to, before };
  const messages = await db.asWorker((trx) => abstainedBetween(trx, tenantId, span, messagesMax));
  const round = AbortSignal.any([stop, AbortSignal.timeout(roundMsMax)]);
  let isThrough = true;
  for (const message of messages) {
    isThrough = !round.aborted && (await lookAt(deps, tenantId, message, round));
    if (!isThrough) break;
  }
  await db.asWorker(async (trx) => {
    if (isThrough && messages.length < messagesMax) await saveProgress(trx, tenantId, before);
    await endRound(trx, tenantId, clock.now());
  });
}

/** What the next message would fail with as well. */
const general = new Set<AssistantFailure>([
  ...(['not-allowed', 'over-budget', 'paused', 'unauthorised', 'quota', 'rate-limited'] as const),
  ...(['unavailable', 'timeout', 'blocked-address'] as const),
]);

/** False: the assistant cannot go on now. */
async function lookAt(deps: Deps, tenantId: TenantId, message: Abstained, round: AbortSignal): Promise<boolean> {
  const { text: system } = promptOf('classify', {});
  const data = [asData({ message: message.text.slice(0, textCharactersMax) })];
  const request = { system, data, name: 'wishes', shape, outputTokensMax, isStreamed: false };
  const signal = AbortSignal.any([round, AbortSignal.timeout(answerMsMax)]);
  const asked = await askAssistant(deps, tenantId, 'classify', request, signal);
  if (!asked.ok && general.has(asked.failure)) return false;
  await note(deps, tenantId, message, foundIn(asked));
  return true;
}

/** Null: it said nothing that is known here. */
function foundIn(asked: Asked<Static<typeof shape>>): FoundByOther | null {
  if (!asked.ok) return null;
  const said = new Set(asked.value.intents.slice(0, 3));
  const known = [...said].filter((label): label is Intent => intents.some((intent) => intent === label));
  if (known.length === 0) return null;
  return { model: asked.model, intents: known.map((intent) => ({ intent, score: scoreOfOther, isCertain: true })) };
}

async function note(
  { runtime: { db, clock, outbox } }: Deps,
  tenantId: TenantId,
  message: Abstained,
  found: FoundByOther | null,
): Promise<void> {
  const origin = causedOutside({ kind: 'automation', id: null });
  await db.asWorker(async (trx) => {
    const { messageId, text } = message;
    await saveProgress(trx, tenantId, messageId);
    if (found === null || !(await isStillSaid(trx, tenantId, message))) return;
    await revise({ outbox, clock }, trx, { tenantId, origin }, [{ messageId, words: text, text, saidAt: null, found }]);
  });
}
