import type { ConversationId, EventData, MessageId } from '@crossdesk/contracts';
import type { AnyEventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { AfterMessage, Revision } from './analysis.domain.ts';
import type { Triage } from './triage.domain.ts';

interface Told {
  readonly revisions: readonly Revision[];
  /** The message that changed mood and triage. */
  readonly messageId: MessageId;
  aggregateAt(version: number): LockedAggregate;
  readonly origin: Origin;
}

/** The events about analysed messages and their conversation, each with a version of its own. */
export function eventsOf(
  { conversation, moodChange, hasTriageChanged }: AfterMessage,
  { revisions, messageId, aggregateAt, origin }: Told,
): AnyEventDraft[] {
  let { version } = conversation;
  const aggregate = () => aggregateAt((version += 1));
  const { conversationId, mood, triage } = conversation;
  const drafts = revisions.map((revision): AnyEventDraft => ({
    aggregate: aggregate(),
    type: 'automation.message-analysed',
    data: analysedOf(revision),
    origin,
  }));
  if (moodChange !== null && mood !== null) {
    const data = { conversationId, messageId, ...moodChange, mean: mood.mean };
    drafts.push({ aggregate: aggregate(), type: 'automation.sentiment-changed', data, origin });
  }
  if (hasTriageChanged && triage !== null) {
    const data = triagedOf(conversationId, triage, messageId);
    drafts.push({ aggregate: aggregate(), type: 'automation.conversation-triaged', data, origin });
  }
  return drafts;
}

function triagedOf(
  conversationId: ConversationId,
  { model, enquiryType, priority, parts, risks }: Triage,
  messageId: MessageId,
): EventData<'automation.conversation-triaged'> {
  return {
    conversationId,
    messageId,
    model,
    enquiryType,
    risks: risks.map((risk) => ({ class: risk.class, score: risk.score, messageId: risk.messageId })),
    priority,
    priorityParts: [...parts],
  };
}

function analysedOf({ analysis, revision }: Revision): EventData<'automation.message-analysed'> {
  const { messageId, conversationId, language, confidence, engine, understanding } = analysis;
  const known = { messageId, conversationId, language, confidence, engine, revision };
  if (understanding === null) return known;
  const { intents, risks, entities, ...rest } = understanding;
  return {
    ...known,
    ...rest,
    intents: [...intents],
    risks: risks.map((risk) => ({ ...risk, offsets: [...risk.offsets] })),
    entities: [...entities],
  };
}
