import type { EventData } from '@crossdesk/contracts';
import type { AnyEventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { AfterMessage, AnalysedConversation, Analysis } from './analysis.domain.ts';

/** The events about an analysed message and its conversation, each with a version of its own. */
export function eventsOf(
  analysis: Analysis,
  revision: number,
  { conversation, moodChange, hasTriageChanged }: AfterMessage,
  { aggregateAt, origin }: { aggregateAt(version: number): LockedAggregate; readonly origin: Origin },
): AnyEventDraft[] {
  let { version } = conversation;
  const aggregate = () => aggregateAt((version += 1));
  const { conversationId, mood, triage } = conversation;
  const { messageId } = analysis;
  const drafts: AnyEventDraft[] = [
    { aggregate: aggregate(), type: 'automation.message-analysed', data: analysedOf(analysis, revision), origin },
  ];
  if (moodChange !== null && mood !== null) {
    const data = { conversationId, messageId, ...moodChange, mean: mood.mean };
    drafts.push({ aggregate: aggregate(), type: 'automation.sentiment-changed', data, origin });
  }
  if (hasTriageChanged && triage !== null) {
    const data = triagedOf({ ...conversation, triage }, analysis);
    drafts.push({ aggregate: aggregate(), type: 'automation.conversation-triaged', data, origin });
  }
  return drafts;
}

function triagedOf(
  {
    conversationId,
    triage,
  }: Pick<AnalysedConversation, 'conversationId'> & { triage: NonNullable<AnalysedConversation['triage']> },
  { messageId }: Analysis,
): EventData<'automation.conversation-triaged'> {
  const { model, enquiryType, priority, parts, risks } = triage;
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

/** `revision` counts the analyses of the message. */
function analysedOf(analysis: Analysis, revision: number): EventData<'automation.message-analysed'> {
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
