import type { EventData } from '@crossdesk/contracts';
import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, type ConversationKey, keyText, lockConversations } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB, Row } from '../db.ts';
import { classify, enquiryTypeOf, speaking } from '../enquiry/enquiry.domain.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Found = Delivered<'automation.message-analysed' | 'automation.conversation-triaged'>;

/** Below, the language of a short message is a guess. */
const sureFrom = 0.7;

/** The language of the buyer, if it is sure and another one than was known. One read a batch if it is not. */
export async function takeAnalyses(
  deps: Deps,
  trx: Transaction<DB>,
  analysed: readonly Delivered<'automation.message-analysed'>[],
): Promise<void> {
  const sure = analysed.filter(({ event: { data } }) => languageIn(data) !== null);
  const known = await languagesOf(trx, sure.map(keyOf));
  const other = sure.filter((one) => known.get(keyText(keyOf(one))) !== languageIn(one.event.data));
  return take(deps, trx, other, (conversation, { data }) =>
    speaking(conversation, languageIn(data) ?? conversation.language),
  );
}

async function languagesOf(
  trx: Transaction<DB>,
  keys: readonly ConversationKey[],
): Promise<Map<string, string | null>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<Pick<Row<'conversation'>, 'tenant_id' | 'id' | 'language'>>`
    select c.tenant_id, c.id, c.language from conversation c
    join unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]) as k (tenant_id, id)
      on c.tenant_id = k.tenant_id and c.id = k.id`.execute(trx);
  return new Map(rows.map((row) => [keyText({ tenantId: row.tenant_id, id: row.id }), row.language]));
}

/** Only messages of buyers have intents. */
function languageIn({ language, confidence, intents }: EventData<'automation.message-analysed'>): string | null {
  return intents === undefined || confidence < sureFrom ? null : language;
}

/** What the conversation is about, unless a person said so. */
export function takeTriages(
  deps: Deps,
  trx: Transaction<DB>,
  triaged: readonly Delivered<'automation.conversation-triaged'>[],
): Promise<void> {
  const now = deps.clock.now();
  return take(deps, trx, triaged, (conversation, { data }) => {
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
  const conversations = await lockConversations(trx, found.map(keyOf));
  const changes: ConversationChange[] = [];
  for (const cause of found) {
    const key = keyText(keyOf(cause));
    const before = conversations.get(key);
    if (before === undefined || before.joinedInto !== null) continue;
    const after = decide(before, cause.event);
    if (after === before) continue;
    conversations.set(key, after);
    const told = { aggregate: aggregateOf(after), conversation: after, origin: causedByEvent(cause) };
    changes.push({ before, after, events: [conversationChanged(told, 'classified', before.state)] });
  }
  await saveChanges({ outbox, clock }, trx, changes);
}

function keyOf({ event }: Found): ConversationKey {
  return { tenantId: event.tenantId, id: event.data.conversationId };
}
