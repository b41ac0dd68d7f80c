import {
  decideSettlement,
  type IntentStatus,
  type ReportedOutcome,
} from '@crossdesk/ingest/src/delivery/delivery.domain.ts';
import { decideEcho, findOwn, type OpenReply } from '@crossdesk/ingest/src/thread/echo.domain.ts';
import { nothingObserved, type Observations } from '../observations.ts';
import type { Timeline } from './tape.ts';

const shop = 'simulated/1';
const accountId = 'account';

export interface Intent {
  readonly messageId: OpenReply['messageId'];
  readonly conversationId: OpenReply['conversationId'];
  readonly seq: number;
  readonly text: string;
  status: IntentStatus;
  attempts: number;
  untried: number;
  failure: null | NonNullable<ReportedOutcome['failure']>;
  detail: string | null;
  externalMessageId: string | null;
  needsPerson: boolean;
  isPlaced: boolean;
  isDoubted: boolean;
  dueAt: number;
  leasedUntil: number;
  attemptedAt: number | null;
  /** The delivery status that the conversation shows, by its own rule. */
  shown: Exclude<IntentStatus, 'sending'>;
}

/** A message of the seller's side as the platform has it. */
export interface Sent {
  readonly conversationId: Intent['conversationId'];
  readonly externalMessageId: string;
  readonly fingerprint: string;
  readonly occurredAt: Date;
  readonly via: 'api' | 'console';
}

/** What the platform knows, and what the product knows. */
export interface SenderState {
  readonly intents: Intent[];
  readonly platform: Sent[];
  /** Messages that wait for the outcome of a reply. */
  readonly held: Sent[];
  /** Ids of our messages, by the ids of the platform. */
  readonly known: Map<string, string>;
  /** What was written elsewhere, as the conversation shows it. */
  readonly elsewhere: { externalId: string; text: string; status: null; id: string }[];
}

export interface SenderStore {
  /** Takes messages of the seller's side, from a webhook or from reading the thread back. */
  record(messages: readonly Sent[]): void;
  /** Reports what became of a reply, and records the messages that waited for it. */
  report(intent: Intent, what: ReportedOutcome): void;
}

/** The rules of the product on lists instead of tables. Threads are locked there, so each call here is one instant. */
export function createSenderStore(state: SenderState, time: Timeline): SenderStore {
  return {
    record: (messages) => record(state, time, messages),
    report: (intent, what) => report(state, time, intent, what),
  };
}

function openReplies({ intents }: SenderState, conversationId: Intent['conversationId']): OpenReply[] {
  return intents
    .filter(
      (one) =>
        one.conversationId === conversationId &&
        (one.status === 'sending' ||
          one.status === 'unknown' ||
          one.externalMessageId !== null ||
          one.status === 'sent'),
    )
    .toSorted((a, b) => (a.attemptedAt ?? 0) - (b.attemptedAt ?? 0))
    .map((one) => ({
      messageId: one.messageId,
      conversationId: one.conversationId,
      status: one.status,
      fingerprint: one.text,
      externalMessageId: one.externalMessageId,
      attemptedAt: one.attemptedAt === null ? null : new Date(one.attemptedAt),
    }));
}

function record(state: SenderState, time: Timeline, messages: readonly Sent[]): void {
  const { held, known, elsewhere } = state;
  for (const message of messages) {
    if (known.has(message.externalMessageId)) continue;
    const decision = decideEcho(message, openReplies(state, message.conversationId));
    if (decision.kind === 'hold') {
      if (!held.some((one) => one.externalMessageId === message.externalMessageId)) held.push(message);
      continue;
    }
    const own = decision.kind === 'elsewhere' ? null : decision.reply.messageId;
    known.set(message.externalMessageId, own ?? `elsewhere ${message.externalMessageId}`);
    if (decision.kind === 'settles') settle(state, time, intentOf(state, decision.reply.messageId), sentAs(message));
    if (decision.kind === 'elsewhere')
      elsewhere.push({
        id: `other ${message.externalMessageId}`,
        externalId: message.externalMessageId,
        text: message.fingerprint,
        status: null,
      });
  }
}

function intentOf({ intents }: SenderState, messageId: string): Intent {
  const intent = intents.find((one) => one.messageId === messageId);
  if (intent === undefined) throw new Error(`no reply ${messageId}`);
  return intent;
}

function sentAs({ externalMessageId }: Sent): ReportedOutcome {
  return { status: 'sent', externalMessageId };
}

/** Returns whether the report was news. */
function settle({ known }: SenderState, time: Timeline, intent: Intent, report: ReportedOutcome): boolean {
  const settlement = decideSettlement(intent, report);
  if (settlement === null) return false;
  const { isUntried = false, dueInMs = 0 } = report;
  Object.assign(intent, settlement.after, {
    dueAt: time.nowMs + dueInMs,
    untried: intent.untried + (isUntried ? 1 : 0),
  });
  const { isChange, told } = settlement;
  if (isChange && told.status !== 'queued') intent.shown = told.status;
  if (settlement.learnsId && intent.externalMessageId !== null && !known.has(intent.externalMessageId))
    known.set(intent.externalMessageId, intent.messageId);
  return true;
}

function report(state: SenderState, time: Timeline, intent: Intent, what: ReportedOutcome): void {
  const { intents, held } = state;
  const wasSending = intent.status === 'sending';
  if (!settle(state, time, intent, what) || !wasSending) return;
  const isAnySending = intents.some((one) => one.conversationId === intent.conversationId && one.status === 'sending');
  if (isAnySending) return;
  const mine = held.filter((one) => one.conversationId === intent.conversationId);
  held.splice(0, held.length, ...held.filter((one) => one.conversationId !== intent.conversationId));
  const attemptedAt = intent.attemptedAt === null ? null : new Date(intent.attemptedAt);
  const own = findOwn({ ...intent, fingerprint: intent.text, attemptedAt }, mine);
  if (own !== undefined && intent.externalMessageId === null) settle(state, time, intent, sentAs(own));
  record(
    state,
    time,
    mine.filter((one) => one !== own),
  );
}

/** The end of a run, as the checkers read it. */
export function observeSender({ intents, platform, elsewhere }: SenderState): Observations {
  const messages = [
    ...elsewhere,
    ...intents.map((one) => ({
      id: one.messageId,
      externalId: one.externalMessageId,
      text: one.text,
      status: one.shown,
    })),
  ].map((one) => ({
    tenantId: '',
    conversationId: '',
    accountId,
    direction: 'outbound',
    author: '',
    isBulk: false,
    ...one,
  }));
  const ofPlatform = (via: Sent['via']) =>
    platform
      .filter((one) => one.via === via)
      .map((one) => ({ shop, externalId: one.externalMessageId, text: one.fingerprint }));
  return {
    ...nothingObserved,
    accounts: [{ id: accountId, tenantId: '', shop }],
    messages,
    intents: intents.map((one) => ({ ...one })),
    executed: ofPlatform('api'),
    console: ofPlatform('console'),
  };
}
