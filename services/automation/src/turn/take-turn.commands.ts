import type { DecisionId, TemplateId } from '@crossdesk/contracts';
import { accept, refuse, type Refused } from '@crossdesk/service-kit/decision';
import type { Transaction } from 'kysely';
import { readAnalyses, readConversations } from '../analysis/analysis.store.ts';
import type { Intent } from '../analysis/labels.domain.ts';
import { understand } from '../analysis/understand.ts';
import type { DB } from '../db.ts';
import { recordDecisions } from '../decision/record-decisions.ts';
import { refuseSending, templateReply, type TemplateReply } from '../decision/template-reply.domain.ts';
import { detectLanguage } from '../language/detect-language.ts';
import { type MessageText, textsOfBuyer } from '../message/message-text.store.ts';
import { isOrderSettled } from '../order/order-facts.store.ts';
import { ifSure } from '../order/sure-order.domain.ts';
import { valuesOf } from '../order/latest-orders.ts';
import { chooseAnswer, defaultPolicy } from '../policy/policy.domain.ts';
import { policyIn, readPolicy } from '../policy/policy.store.ts';
import { type Known, knownOf } from '../recipient/known-facts.ts';
import { templatesByIds } from '../template/template.store.ts';
import { handOver } from './hand-over.ts';
import { type Turn, type TurnDeps, wantedReply } from './turn-context.ts';
import { evaluateTurn } from './turn-rules.ts';
import {
  holderOf,
  needsPerson,
  reasons,
  refuseAnswering,
  type Said,
  saidIn,
  type Standing,
  type TurnCode,
} from './turn.domain.ts';
import { lockTaken, recentAnswers, saveTurn, type TurnRow } from './turn.store.ts';
import { insertVerdict } from './turn-verdict.store.ts';
import { isGreeting, tellsLanguage } from './greeting.domain.ts';
import { wantsPerson } from './wants-person.domain.ts';

/** What becomes of a turn. */
export interface Outcome {
  readonly code: TurnCode;
  /** For people: what lacked. */
  readonly detail?: string | null;
  readonly intent?: Intent | null;
  readonly templateId?: TemplateId | null;
  readonly decisionId?: DecisionId | null;
}

/** Crm looks for the order of a new conversation; a turn waits for it so long at most. */
const linkWaitMs = 5_000;
const linkPollMs = 400;
/** A window that ends sooner is closed: the message has to get there. */
const windowMarginMs = 60_000;

/**
 * Answers what the buyer has written since the last answer, once: by a rule, else by the policy, else by calling a person.
 * Nothing is written over a person: what is decided here holds for the version of the conversation that was known, and the
 * conversation service compares it under its lock.
 */
export async function takeTurn(deps: TurnDeps, trx: Transaction<DB>, taken: TurnRow): Promise<void> {
  const row = await lockTaken(trx, taken);
  if (row === null) return;
  const now = deps.clock.now();
  const known = await knownOf(trx, row.tenant_id, row.conversation_id);
  if (known === null) return saveTurn(trx, { ...row, due_at: null });
  if (
    now.getTime() - row.first_at.getTime() < linkWaitMs &&
    !(await isOrderSettled(trx, row.tenant_id, row.conversation_id))
  )
    return saveTurn(trx, { ...row, due_at: new Date(now.getTime() + linkPollMs) });
  const turn = await readTurn(trx, row, withSureOrder(known), now);
  const outcome =
    row.refused_code === null
      ? await answer(deps, trx, turn)
      : ({ code: 'REFUSED', detail: row.refused_code } as const);
  const isForPeople = turn.policy.mode === 'auto' && needsPerson(outcome.code);
  const called = isForPeople ? await handOver(deps, trx, turn, outcome.code) : {};
  await insertVerdict(trx, { ...verdictOf(turn, outcome), now });
  const asked = outcome.code === 'ASKED_FOR_ORDER' ? (outcome.intent ?? null) : null;
  const settled = { due_at: null, code: outcome.code, refused_code: null, asked_intent: asked };
  await saveTurn(trx, { ...row, ...called, ...settled });
}

function verdictOf({ row, messageIds }: Turn, outcome: Outcome) {
  const { code, detail = null, intent = null, templateId = null, decisionId = null } = outcome;
  const key = { tenantId: row.tenant_id, conversationId: row.conversation_id };
  return { ...key, messageIds, code, detail, intent, templateId, decisionId };
}

function withSureOrder(known: Known): Known {
  const order = ifSure(known.order);
  return { ...known, order, values: order === null ? new Map() : valuesOf(order) };
}

async function readTurn(trx: Transaction<DB>, row: TurnRow, known: Known, now: Date): Promise<Turn> {
  const { tenant_id: tenantId, conversation_id: conversationId } = row;
  const key = { tenantId, conversationId };
  const texts = await textsOfBuyer(trx, key, { from: row.first_position, to: row.position });
  const { said, language } = await understood(trx, texts);
  const [analysed] = await readConversations(trx, tenantId, [conversationId]);
  const set = await readPolicy(trx, tenantId);
  const policy = set === null ? defaultPolicy : policyIn(set);
  const standing: Standing = {
    holder: holderOf(known.facts, row),
    said,
    wantsPerson: wantsPerson(said.text, language),
    mood: analysed?.mood?.label ?? 'calm',
    answers: await recentAnswers(trx, row, now),
  };
  const messageIds = [...new Set([...texts.map((text) => text.message_id), row.message_id])];
  // A word or two are of many languages: the template has its own fallback.
  const recipient = { ...known.recipient, locale: language ?? 'und' };
  const refusal = refuseAnswering(standing, policy.content);
  return { row, known: { ...known, recipient }, policy, messageIds, language, standing, refusal, now };
}

/** The analyses of messages; one that is not there yet comes out the same here. */
async function understood(trx: Transaction<DB>, texts: readonly MessageText[]) {
  const [first] = texts;
  const stored =
    first === undefined
      ? []
      : await readAnalyses(
          trx,
          first.tenant_id,
          texts.map((text) => text.message_id),
        );
  const byId = new Map(stored.map((one) => [one.message_id, one]));
  const all = texts.map(({ message_id, text }) => {
    const known = byId.get(message_id);
    const language = known?.language ?? detectLanguage(text).language;
    return { text, language, understanding: known?.understanding ?? understand(text, language) };
  });
  const said = saidIn(
    texts.map(({ text }) => text),
    all.map(({ understanding }) => understanding),
  );
  return {
    said,
    language: all.findLast(({ text, language }) => language !== null && tellsLanguage(text))?.language ?? null,
  };
}

async function answer(deps: TurnDeps, trx: Transaction<DB>, turn: Turn): Promise<Outcome> {
  const results = await evaluateTurn(deps, trx, turn, {
    purpose: 'answer',
    refuse: (reply) => refuseReply(turn, reply),
  });
  const replied = results.filter(({ type }) => type === 'reply');
  const decided = replied.find(({ decisionId }) => decisionId !== null);
  if (decided !== undefined) return { code: 'ANSWERED', decisionId: decided.decisionId };
  if (turn.refusal !== null) return { code: turn.refusal };
  const [refused] = replied;
  if (turn.policy.mode === 'off') return { code: 'NO_ANSWER', detail: refused?.message ?? null };
  return answerByPolicy(deps, trx, turn);
}

/** Why this message must not be written now. */
function refuseReply({ refusal, known, standing, now }: Turn, { content }: TemplateReply): Refused<TurnCode> | null {
  if (refusal !== null) return refuse(refusal, null, reasons[refusal]);
  const inTime = new Date(now.getTime() + windowMarginMs);
  const closed = refuseSending(known.facts, content, inTime);
  if (closed !== null) return refuse('NOT_SENDABLE', null, closed.errors[0]?.message ?? reasons.NOT_SENDABLE);
  const isRepeated = content.kind === 'text' && standing.answers.includes(content.text);
  return isRepeated ? refuse('SAME_ANSWER', null, reasons.SAME_ANSWER) : null;
}

async function answerByPolicy(deps: TurnDeps, trx: Transaction<DB>, turn: Turn): Promise<Outcome> {
  const { policy, known, standing } = turn;
  if (isGreeting(standing.said.text)) return { code: 'NO_ANSWER_NEEDED' };
  const choice = chooseAnswer(policy.content, {
    intents: intentsOf(turn),
    channel: known.facts.channel,
    market: known.recipient.market,
    orderState: known.order?.state ?? null,
    isQuestion: /[?？؟]/.test(standing.said.text),
  });
  if (choice.kind === 'none') {
    const { code, intent } = choice;
    return code === 'ORDER_UNKNOWN' ? askForOrder(deps, trx, turn, intent) : { code, intent };
  }
  const { intent, templateId } = choice.answer;
  const written = await write(trx, turn, templateId);
  if (written.ok) return settle(deps, trx, turn, written.value, { code: 'ANSWERED', intent, templateId });
  const [problem] = written.errors;
  if (problem?.code === 'TEMPLATE_NOT_RENDERED' && known.order === null) return askForOrder(deps, trx, turn, intent);
  return { code: problem?.code ?? 'TEMPLATE_NOT_RENDERED', detail: problem?.message ?? null, intent, templateId };
}

/** Who was asked for their order and names it asks the same as before. */
function intentsOf({ row, known, standing }: Turn): Said['intents'] {
  const { intents } = standing.said;
  const isAnswer = row.asked_intent !== null && known.order !== null && !intents.some(({ isCertain }) => isCertain);
  return isAnswer && row.asked_intent !== null ? [{ intent: row.asked_intent, score: 1, isCertain: true }] : intents;
}

async function askForOrder(deps: TurnDeps, trx: Transaction<DB>, turn: Turn, intent: Intent | null): Promise<Outcome> {
  const templateId = turn.policy.content.askForOrderTemplateId;
  if (templateId === null) return { code: 'ORDER_UNKNOWN', intent };
  // Who was asked already is not asked again: the text is the same.
  const written = await write(trx, turn, templateId);
  if (!written.ok) return { code: 'ORDER_UNKNOWN', detail: written.errors[0]?.message ?? null, intent, templateId };
  return settle(deps, trx, turn, written.value, { code: 'ASKED_FOR_ORDER', intent, templateId });
}

/** The message of a template, if it may be written. */
async function write(trx: Transaction<DB>, turn: Turn, templateId: TemplateId) {
  const template = (await templatesByIds(trx, turn.row.tenant_id, [templateId])).get(templateId);
  if (template === undefined) return refuse('TEMPLATE_NOT_RENDERED', null, 'The template is not there.');
  const reply = templateReply(template, turn.known.recipient, turn.known.values);
  if (!reply.ok) return reply;
  return refuseReply(turn, reply.value) ?? accept(reply.value);
}

async function settle(
  deps: TurnDeps,
  trx: Transaction<DB>,
  turn: Turn,
  reply: TemplateReply,
  outcome: Outcome,
): Promise<Outcome> {
  if (turn.policy.mode !== 'auto') return { ...outcome, code: 'WOULD_ANSWER' };
  const wanted = wantedReply(turn, reply, 'answer');
  await recordDecisions(deps, trx, [wanted]);
  return { ...outcome, decisionId: wanted.decision.id };
}
