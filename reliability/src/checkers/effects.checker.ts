import { bulkWords } from '../load/bulk.ts';
import { machineAnswer } from '../load/machine-answers.ts';
import { operations } from '../history.ts';
import { type Checker, grouped, violation } from './checker.port.ts';

const isOut = new Set(['sent', 'delivered', 'read']);

/**
 * I6: the platform executed each reply at most once, and exactly once when it counts as sent. A reply that was not executed is
 * shown as failed with a reason, or as unknown and waiting for a person.
 */
export const executedOnce: Checker = (history, seen) => {
  const replies = operations(history, 'reply');
  const texts = new Set(replies.map(({ text }) => text));
  const accepted = new Map(replies.filter(({ phase }) => phase === 'ok').map((one) => [one.text, one.messageId]));
  const times = new Map<string, number>();
  for (const { text } of seen.executed)
    if (text !== null && text !== machineAnswer) times.set(text, (times.get(text) ?? 0) + 1);
  const intents = grouped(seen.intents, ({ text }) => text ?? '');
  // When a buyer is erased, the text of the replies to them is erased too.
  const erased = grouped(
    seen.intents.filter(({ text }) => text === null),
    ({ messageId }) => messageId,
  );
  return [
    ...[...times]
      .filter(([, count]) => count > 1)
      .map(([text, count]) => violation('I6', 'doubled', `"${text}" was executed ${count} times`)),
    ...[...times.keys()]
      .filter((text) => !texts.has(text) && !text.startsWith(bulkWords))
      .map((text) => violation('I6', 'wrong', `"${text}" was executed and nobody asked for it`)),
    ...[...accepted].flatMap(([text, messageId]) => {
      const [intent, another] = [...(intents.get(text) ?? []), ...(erased.get(messageId ?? '') ?? [])];
      if (intent === undefined) return [violation('I6', 'lost', `"${text}" was accepted and there is no intent`)];
      if (another !== undefined) return [violation('I6', 'doubled', `"${text}" has two intents`)];
      const executed = times.get(text) ?? 0;
      if (isOut.has(intent.status))
        return executed > 0 ? [] : [violation('I6', 'lost', `"${text}" counts as ${intent.status}, unexecuted`)];
      const isShown = intent.status === 'failed' || (intent.status === 'unknown' && intent.needsPerson);
      if (!isShown) return [violation('I6', 'lost', `"${text}" is stuck as ${intent.status}`)];
      return intent.status === 'failed' && executed > 0
        ? [violation('I6', 'wrong', `"${text}" counts as failed and was executed`)]
        : [];
    }),
  ];
};

/** I3: the replies of a conversation reach the buyer in the order in which they were accepted. */
export const repliesInOrder: Checker = (history, seen) => {
  const place = new Map(seen.executed.map(({ text }, at) => [text, at]));
  // Of two replies, one is later for certain only when it was asked for after the other one was answered.
  const settledAt = new Map(
    operations(history, 'reply').flatMap((one) => (one.phase === 'ok' ? [[one.text, one.atMs] as const] : [])),
  );
  const asked = operations(history, 'reply').filter(({ phase }) => phase === 'invoke');
  const first = new Map(asked.toReversed().map((one) => [one.text, one]));
  return [...grouped(first.values(), ({ conversationId }) => conversationId)].flatMap(([conversationId, replies]) => {
    const sorted = replies.toSorted((a, b) => a.atMs - b.atMs);
    return sorted.slice(1).flatMap((later, index) => {
      const earlier = sorted[index];
      const [here, before] = [place.get(later.text), place.get(earlier?.text ?? '')];
      const isSurelyLater = (settledAt.get(earlier?.text ?? '') ?? Infinity) < later.atMs;
      return here === undefined || before === undefined || !isSurelyLater || before < here
        ? []
        : [violation('I3', 'inverted', `${conversationId}: "${later.text}" reached the buyer first`)];
    });
  });
};

/** The delivery status of a message equals the status of its intent. */
export const deliveryIsShown: Checker = (_history, seen) => {
  const messages = new Map(seen.messages.map((row) => [row.id, row]));
  return seen.intents.flatMap(({ messageId, status, text }) => {
    const message = messages.get(messageId);
    if (message === undefined) return [violation('I2', 'lost', `the reply "${text}" is not in its conversation`)];
    return message.status === status
      ? []
      : [violation('I4', 'wrong', `"${text}" is shown as ${message.status} and is ${status}`)];
  });
};
