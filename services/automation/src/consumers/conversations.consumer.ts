import { afterCommit, type Clock, type ConsumerSpec, type Delivered, type Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { latestFacts, type Told } from '../conversation/latest-facts.ts';
import { saveFacts } from '../conversation/conversation-facts.store.ts';
import { eraseReplyDrafts } from '../assistant/draft/reply-draft.store.ts';
import { eraseSummaries } from '../assistant/summary/summary.store.ts';
import type { DB } from '../db.ts';
import { eraseDecisions, settleDecisions } from '../decision/decision.store.ts';
import { saveLintSettings } from '../lint/lint-setting.store.ts';
import { notePart } from '../erasure/note-part.ts';
import { eraseArticleDrafts } from '../knowledge/article/erase-drafts.store.ts';
import { eraseQuestions } from '../knowledge/gap/gap.store.ts';
import { changeTexts, eraseTexts, saveTexts } from '../message/message-text.store.ts';
import { recallRefused } from '../turn/recall-turns.store.ts';
import { addToTurns, endTurns } from '../turn/turn.store.ts';
import { noteReplies } from '../suggestion/note-replies.ts';
import { eraseSuggestions } from '../suggestion/suggestion.store.ts';
import { eraseDrafts, noteSent } from '../translation/message/message-translation.store.ts';

interface Deps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
  /** Looks for turns that are due. */
  readonly nudgeTurns: () => void;
}

/** Follows the conversations: what they are like, what became of decisions about them, whose buyers were erased. */
export function conversationsConsumer(deps: Deps): ConsumerSpec<DB> {
  const { clock, nudgeTurns } = deps;
  const follow = (trx: Transaction<DB>, events: readonly Told[]) => saveFacts(trx, latestFacts(events));
  return {
    name: 'automation.conversations',
    on: {
      'conversation.message-added': async (trx, events) => {
        await follow(trx, events);
        await noteSent(trx, events.flatMap(sentBy));
        await saveTexts(trx, events);
        if (await addToTurns(trx, events, clock.now())) afterCommit(trx, nudgeTurns);
        await noteReplies(deps, trx, events);
      },
      'conversation.message-changed': changeTexts,
      'conversation.lint-settings-changed': saveLintSettings,
      'conversation.changed': async (trx, events) => {
        await follow(trx, events);
        await endTurns(trx, events.flatMap(joinedAway));
      },
      'conversation.regrouped': async (trx, events) => {
        await follow(trx, events);
        await endTurns(trx, events.flatMap(mergedAway));
      },
      'conversation.decision-settled': async (trx, events) => {
        const settled = events.map(({ event }) => ({
          ...event.data,
          tenantId: event.tenantId,
          settledAt: event.occurredAt,
        }));
        await settleDecisions(trx, settled);
        if (await recallRefused(trx, settled, clock.now())) afterCommit(trx, nudgeTurns);
      },
      'conversation.buyer-erased': (trx, events) =>
        notePart(deps, trx, 'conversation', events, async (conversation) => [
          ...(await eraseDecisions(trx, conversation)),
          ...(await eraseDrafts(trx, conversation)),
          ...(await eraseTexts(trx, conversation)),
          ...(await eraseQuestions(trx, conversation)),
          ...(await eraseReplyDrafts(trx, conversation)),
          ...(await eraseSummaries(trx, conversation)),
          ...(await eraseSuggestions(trx, conversation)),
          ...(await eraseArticleDrafts(trx, conversation)),
        ]),
    },
  };
}

function joinedAway({ event: { tenantId, data } }: Delivered<'conversation.changed'>) {
  const { conversationId, joinedInto } = data.conversation;
  return data.change === 'joined' && (joinedInto ?? null) !== null ? [{ tenantId, conversationId }] : [];
}

/** Who answers a buyer answers in the conversation that has the messages now. */
function mergedAway({ event: { tenantId, data } }: Delivered<'conversation.regrouped'>) {
  const { conversationId, joinedInto } = data.conversation;
  return (joinedInto ?? null) === null ? [] : [{ tenantId, conversationId }];
}

/** A reply that was sent; it may be one that was translated before. */
function sentBy({ event: { tenantId, data } }: Delivered<'conversation.message-added'>) {
  const { messageId, conversation, direction, text } = data;
  return direction === 'outbound' && text !== null
    ? [{ tenantId, messageId, conversationId: conversation.conversationId, text }]
    : [];
}
