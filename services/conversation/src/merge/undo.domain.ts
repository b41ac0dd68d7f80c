import { type Conversation, next, settled } from '../conversation/conversation.domain.ts';
import type { MergeDetails, Part, SplitDetails } from './regrouping.domain.ts';
import { mainPartOf, partOf, readStanding, type Replayed, replay, standingOf, type Whole } from './standing.domain.ts';

/** What was added since a regrouping, in the order in which it was recorded. */
export interface Since extends Replayed {
  /** The part that it belongs to: the conversation that has it afterwards. */
  readonly partId: string;
}

/** The latest message of a conversation. */
export interface Latest {
  readonly lastMessageAt: Date;
  readonly lastMessagePreview: string | null;
}

type Conversations = ReadonlyMap<string, Conversation>;

function wholeOf(conversation: Conversation, { after }: Pick<Part, 'after'>, messages: readonly Since[]): Whole {
  return {
    expected: replay(conversation, { before: readStanding(after), messages }),
    actual: standingOf(conversation),
  };
}

function before({ before: stored }: Part) {
  return readStanding(stored);
}

/** The conversations that were merged, each as if it had stayed alone, but for what people did with the whole. */
export function undoMerge({ into, from }: MergeDetails, locked: Conversations, since: readonly Since[]) {
  const work = known(locked, into.conversationId);
  const whole = wholeOf(work, into, since);
  const share = (part: Part) => {
    const messages = since.filter(({ partId }) => partId === part.conversationId);
    return { standing: replay(known(locked, part.conversationId), { before: before(part), messages }), messages };
  };
  const parts = from.map((part) => {
    const conversation = known(locked, part.conversationId);
    const { standing, messages } = share(part);
    return next(conversation, {
      ...partOf(standing, whole),
      joinedInto: null,
      regroupingId: part.previousId,
      contentVersion: conversation.contentVersion + messages.length + 1,
    });
  });
  const [first] = parts;
  const isTheirName = !into.work.hadName && work.buyerName === first?.buyerName;
  const stays = next(work, {
    ...mainPartOf(share(into).standing, whole),
    regroupingId: into.previousId,
    buyerName: isTheirName ? null : work.buyerName,
    contentVersion: work.contentVersion + 1,
  });
  return { into: stays, from: parts };
}

/** The conversation that was split has everything again; the other one leads to it. */
export function undoSplit({ from, made }: SplitDetails, locked: Conversations, since: readonly Since[]) {
  const [work, part] = [known(locked, from.conversationId), known(locked, made.conversationId)];
  const share = (id: string) => since.filter(({ partId }) => partId === id);
  const whole = wholeOf(work, from, share(work.id));
  const other = wholeOf(part, made, share(part.id));
  const together = replay(work, { before: before(from), messages: since });
  const both = [whole, other];
  // What somebody has settled in one part only is owed in the other part still.
  const isSettled =
    both.every(({ actual }) => actual.state === 'handled') && both.some(({ expected }) => expected.state !== 'handled');
  const kept = mainPartOf(together, { ...whole, actual: { ...whole.actual, ...owed(whole) } });
  return {
    from: next(work, {
      ...kept,
      ...(isSettled ? settled : {}),
      regroupingId: from.previousId,
      contentVersion: work.contentVersion + part.contentVersion + 1,
    }),
    made: next(part, {
      ...{ ...settled, assigneeId: null, teamId: null, phase: 'merged', snoozedUntil: null },
      ...{ lastMessagePreview: null, joinedInto: work.id, regroupingId: null },
    }),
  };
}

/** What is owed as if nobody had read anything. */
function owed({ expected: { state, unreadCount, waitingSince } }: Whole) {
  return { state, unreadCount, waitingSince };
}

/** @throws if it is not locked. */
function known(locked: Conversations, id: string): Conversation {
  const found = locked.get(id);
  if (found === undefined) throw new Error('a conversation of a regrouping is not locked');
  return found;
}
