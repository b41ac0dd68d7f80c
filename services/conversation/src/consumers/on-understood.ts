import type { EventData } from '@crossdesk/contracts';
import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { type Conversation, touched } from '../conversation/conversation.domain.ts';
import { areMarksNews } from '../conversation/marks.domain.ts';
import { conversationChanged, marksChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, type ConversationKey, keyText, lockConversations } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB, Row } from '../db.ts';
import { keepForLater, lockBeginnings, takeKept } from '../enquiry/early-understanding.store.ts';
import { classify, enquiryTypeOf, speaking } from '../enquiry/enquiry.domain.ts';
import { afterComplaint, afterRisks, mayMarkComplaint } from '../mark/mark.domain.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Found = Delivered<'automation.message-analysed' | 'automation.conversation-triaged'>;

/** Below, the language of a short message is a guess. */
const sureFrom = 0.7;

/**
 * The language of the buyer, if it is sure and another one than was known, and whether they complain. One read a batch
 * if nothing of that is new.
 */
export async function takeAnalyses(
  deps: Deps,
  trx: Transaction<DB>,
  analysed: readonly Delivered<'automation.message-analysed'>[],
): Promise<void> {
  const ofBuyers = analysed.filter(({ event: { data } }) => data.intents !== undefined);
  const known = await knownOf(trx, ofBuyers.map(keyOf));
  const news = ofBuyers.filter((one) => {
    const { language, has_marks = false } = known.get(keyText(keyOf(one))) ?? {};
    const { data } = one.event;
    const isOtherLanguage = languageIn(data) !== null && languageIn(data) !== language;
    return isOtherLanguage || (data.complaint !== undefined && mayMarkComplaint(has_marks, data.complaint));
  });
  return take(deps, trx, news, (conversation, { data, occurredAt }) => {
    const { messageId, complaint: score, revision = 1 } = data;
    const spoken = speaking(conversation, languageIn(data) ?? conversation.language);
    if (score === undefined) return spoken;
    return afterComplaint(spoken, { messageId, score, isAgain: revision > 1, at: new Date(occurredAt) });
  });
}

type Known = Pick<Row<'conversation'>, 'tenant_id' | 'id' | 'language'> & { readonly has_marks: boolean };

async function knownOf(trx: Transaction<DB>, keys: readonly ConversationKey[]): Promise<Map<string, Known>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<Known>`
    select c.tenant_id, c.id, c.language, c.marks is not null as has_marks from conversation c
    join unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]) as k (tenant_id, id)
      on c.tenant_id = k.tenant_id and c.id = k.id`.execute(trx);
  return new Map(rows.map((row) => [keyText({ tenantId: row.tenant_id, id: row.id }), row]));
}

/** Only messages of buyers have intents. */
function languageIn({ language, confidence, intents }: EventData<'automation.message-analysed'>): string | null {
  return intents === undefined || confidence < sureFrom ? null : language;
}

/** What the conversation is about, unless a person said so, and its risks. */
export function takeTriages(
  deps: Deps,
  trx: Transaction<DB>,
  triaged: readonly Delivered<'automation.conversation-triaged'>[],
): Promise<void> {
  const now = deps.clock.now();
  return take(deps, trx, triaged, (before, { data, occurredAt }) => {
    const conversation = afterRisks(before, data, new Date(occurredAt));
    const type = enquiryTypeOf(data);
    if (type === null) return conversation;
    const change = { by: null, expectedVersion: null, now };
    // Without an expected version nothing is refused.
    const decided = classify(conversation, { type, subtype: null, by: 'machine' }, change);
    return decided.ok ? decided.value : conversation;
  });
}

async function take<Event extends Found>(
  { outbox, clock }: Deps,
  trx: Transaction<DB>,
  found: readonly Event[],
  decide: (conversation: Conversation, event: Event['event']) => Conversation,
): Promise<void> {
  if (found.length === 0) return;
  const conversations = await lockOrKeep(trx, found);
  const changes: ConversationChange[] = [];
  for (const cause of found) {
    const key = keyText(keyOf(cause));
    const before = conversations.get(key);
    if (before === undefined || before.joinedInto !== null) continue;
    const decided = decide(before, cause.event);
    if (decided === before) continue;
    const isClassified = decided.version !== before.version;
    const isMarked = areMarksNews(before, decided);
    const after = isMarked && !isClassified ? touched(decided) : decided;
    conversations.set(key, after);
    const told = { aggregate: aggregateOf(after), conversation: after, origin: causedByEvent(cause) };
    // What is derived may change without a mark that stands or falls: nobody has to know.
    const events = [
      ...(isClassified ? [conversationChanged(told, 'classified', before.state)] : []),
      ...(isMarked ? [marksChanged(told, before)] : []),
    ];
    changes.push({ before, after, events });
  }
  await saveChanges({ outbox, clock }, trx, changes);
}

/** Locks the conversations; what was found out about one that is not here yet is kept until its first message. */
async function lockOrKeep(trx: Transaction<DB>, found: readonly Found[]): Promise<Map<string, Conversation>> {
  const known = await lockConversations(trx, found.map(keyOf));
  const early = found.filter((one) => !known.has(keyText(keyOf(one))));
  if (early.length === 0) return known;
  await lockBeginnings(trx, early.map(keyOf));
  const come = await lockConversations(trx, early.map(keyOf));
  await keepForLater(
    trx,
    early.filter((one) => !come.has(keyText(keyOf(one)))),
  );
  return new Map([...known, ...come]);
}

/** Applies what was found out about conversations before they were here; they are locked and have their first message. */
export async function takeEarly(deps: Deps, trx: Transaction<DB>, begun: readonly ConversationKey[]): Promise<void> {
  if (begun.length === 0) return;
  await lockBeginnings(trx, begun);
  const kept = await takeKept(trx, begun);
  const analysed = kept.flatMap(({ event, traceparent }) =>
    event.type === 'automation.message-analysed' ? [{ event, traceparent }] : [],
  );
  const triaged = kept.flatMap(({ event, traceparent }) =>
    event.type === 'automation.conversation-triaged' ? [{ event, traceparent }] : [],
  );
  await takeAnalyses(deps, trx, analysed);
  await takeTriages(deps, trx, triaged);
}

function keyOf({ event }: Found): ConversationKey {
  return { tenantId: event.tenantId, id: event.data.conversationId };
}
