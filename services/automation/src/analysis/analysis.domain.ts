import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import { type Mood, type MoodLabel, moodOf, type MoodSample, noMood, sampleOf, withSample } from './mood.domain.ts';
import { isNews, type Triage, triageAfter } from './triage.domain.ts';
import type { Understanding } from './understanding.domain.ts';

export interface Analysis {
  readonly tenantId: TenantId;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly language: string | null;
  readonly confidence: number;
  readonly engine: string;
  /** Null for messages of others than the buyer, and for those without words. */
  readonly understanding: Understanding | null;
}

/** An analysis, and how often its message was analysed. */
export interface Revision {
  readonly analysis: Analysis;
  readonly revision: number;
}

/** What the analyses of its messages say about a conversation. */
export interface AnalysedConversation {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  /** Numbers the events about it. */
  readonly version: number;
  readonly mood: Mood | null;
  readonly triage: Triage | null;
}

export interface AfterMessage {
  readonly conversation: AnalysedConversation;
  /** The mood before and after, if it changed. */
  readonly moodChange: { readonly from: MoodLabel; readonly to: MoodLabel } | null;
  readonly hasTriageChanged: boolean;
}

/** The conversation after the analysis of a message at a time; its version stays. */
export function afterMessage(before: AnalysedConversation, analysis: Analysis, at: number): AfterMessage {
  const { messageId, understanding } = analysis;
  if (understanding === null) return { conversation: before, moodChange: null, hasTriageChanged: false };
  const from = before.mood ?? noMood;
  const mood = withSample(from, sampleOf(messageId, at, understanding));
  const triage = triageAfter(before.triage, { messageId, at, understanding, mood: mood.label });
  return {
    conversation: { ...before, mood, triage },
    moodChange: mood.label === from.label ? null : { from: from.label, to: mood.label },
    hasTriageChanged: isNews(before.triage, triage),
  };
}

/** Null: the message has no words any more. */
export type Understood = ReadonlyMap<MessageId, Understanding | null>;

/** The conversation as its last messages make it, with what is understood of them now; its version stays. */
export function retold(
  before: AnalysedConversation,
  samples: readonly MoodSample[],
  understood: Understood,
): AfterMessage {
  const from = before.mood ?? noMood;
  const mood = moodOf(samples.flatMap((sample) => resampled(sample, understood.get(sample.messageId))));
  let triage: Triage | null = null;
  for (const { messageId, at } of mood.samples) {
    const understanding = understood.get(messageId) ?? null;
    if (understanding !== null) triage = triageAfter(triage, { messageId, at, understanding, mood: mood.label });
  }
  return {
    // A conversation without any words has no mood.
    conversation: { ...before, mood: mood.samples.length === 0 ? before.mood && noMood : mood, triage },
    moodChange: mood.label === from.label ? null : { from: from.label, to: mood.label },
    hasTriageChanged: triage !== null && isNews(before.triage, triage),
  };
}

function resampled(sample: MoodSample, understanding: Understanding | null | undefined): MoodSample[] {
  if (understanding === undefined) return [sample];
  return understanding === null ? [] : [sampleOf(sample.messageId, sample.at, understanding)];
}
