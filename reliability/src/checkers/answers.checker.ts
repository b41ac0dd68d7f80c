import { machineAnswer } from '../load/machine-answers.ts';
import type { OutboxEvent } from '../observations.ts';
import { type Checker, grouped, type Violation, violation } from './checker.port.ts';

const isOut = new Set(['sent', 'delivered', 'read']);

/**
 * I6: a machine answers a conversation once, never after a person has spoken in it, and does answer where nobody has and
 * it may. What it
 * says reaches the buyer once.
 */
export const machineAnswersOnce: Checker = (_history, seen) => {
  const answers = seen.messages.filter(({ author }) => author === 'bot');
  if (answers.length === 0) return [];
  const executed = grouped(
    seen.executed.filter(({ text }) => text === machineAnswer),
    ({ externalId }) => externalId,
  );
  const status = new Map(seen.intents.map((one) => [one.messageId, one.status]));
  const out = answers.filter(({ id }) => isOut.has(status.get(id) ?? ''));
  return [
    ...[...grouped(answers, ({ conversationId }) => conversationId)]
      .filter(([, all]) => all.length > 1)
      .map(([id, all]) => violation('I6', 'doubled', `a machine answered ${id} ${all.length} times`)),
    ...out
      .filter(({ externalId }) => (executed.get(externalId ?? '')?.length ?? 0) !== 1)
      .map(({ id }) => violation('I6', 'wrong', `the answer ${id} of a machine was not executed once`)),
    ...(executed.size > answers.length
      ? [violation('I6', 'doubled', `${executed.size} answers of a machine were executed, ${answers.length} written`)]
      : []),
    ...afterPeople(seen.outbox, new Set(seen.forPeople)),
  ];
};

type Added = OutboxEvent & { readonly data: { readonly author?: unknown } };

/** Answers of machines behind what a person said, and conversations that waited for one in vain. */
function afterPeople(outbox: readonly OutboxEvent[], forPeople: ReadonlySet<string>): Violation[] {
  const added = outbox.filter(
    (event): event is Added => event.service === 'conversation' && event.type === 'conversation.message-added',
  );
  const assigned = new Set(
    outbox
      .filter(({ data }) => typeof Reflect.get(Object(data['conversation']), 'assigneeId') === 'string')
      .map(({ key }) => key),
  );
  return [...grouped(added, ({ key }) => key)].flatMap(([id, events]) => {
    const authors = events.toSorted((a, b) => a.version - b.version).map(({ data }) => data.author);
    const [machine, person] = [authors.lastIndexOf('bot'), authors.findIndex(isPerson)];
    if (person !== -1 && machine > person) return [violation('I6', 'wrong', `a machine spoke over a person in ${id}`)];
    // What the queue gave to a person is theirs.
    const isTheirs = assigned.has(id);
    const isOwed =
      authors.includes('buyer') && !authors.some(isPerson) && machine === -1 && !isTheirs && !forPeople.has(id);
    return isOwed ? [violation('I6', 'lost', `nobody answered ${id}`)] : [];
  });
}

function isPerson(author: unknown): boolean {
  return author === 'agent' || author === 'seller';
}
