import type { Trigger } from './rule.domain.ts';
import type { Box } from './box.domain.ts';
import { isKnown, type Space } from './space.domain.ts';

/**
 * The worlds of a space that cannot be: what rules ask about depends on each other, and on the trigger. `isLater`: the conversation
 * has gone on since.
 */
export function impossible(space: Space, trigger: Trigger, isLater = false): Box[] {
  return [
    ...ofOrders(space),
    ...ofValues(space),
    ...ofPhrases(space),
    ...(isLater ? [] : ofFirst(space, trigger)),
    ...ofTrigger(space, trigger),
  ];
}

const orderFields = ['order.state', 'order.daysSincePlaced', 'order.total', 'order.currency'] as const;

/** Something is known of an order only if there is one; state and age come together, and a total has a currency. */
function ofOrders({ atoms, dimensions }: Space): Box[] {
  const asked = orderFields.filter((field) => dimensions.has(field));
  const known = (field: string) => atoms(field, (value) => value !== null);
  const unknown = (field: string) => atoms(field, (value) => value === null);
  const noOrder = atoms('message.hasOrder', (value) => value !== true);
  const needs = (field: string) =>
    asked.filter(
      (other) => other !== field && other !== 'order.total' && (other !== 'order.currency' || field === 'order.total'),
    );
  return asked.flatMap((field) => [
    new Map([
      [field, known(field)],
      ['message.hasOrder', noOrder],
    ]),
    ...needs(field).map(
      (other) =>
        new Map([
          [field, known(field)],
          [other, unknown(other)],
        ]),
    ),
  ]);
}

const present = 2n;

/** A field of which nothing is known has no value. */
function ofValues({ dimensions }: Space): Box[] {
  return [...dimensions.keys()].flatMap((name) => {
    const field = manyField(name);
    return field === null
      ? []
      : [
          new Map([
            [name, present],
            [`${field}?`, ~isKnown & 3n],
          ]),
        ];
  });
}

function manyField(dimension: string): string | null {
  const at = dimension.indexOf('=');
  return at === -1 ? null : dimension.slice(0, at);
}

/** A text with a phrase has every phrase that is a part of it. */
function ofPhrases({ dimensions }: Space): Box[] {
  const prefix = 'message.words=';
  const names = [...dimensions.keys()].filter((name) => name.startsWith(prefix));
  return names.flatMap((whole) =>
    names.flatMap((part) => {
      const [long, short] = [whole.slice(prefix.length), part.slice(prefix.length)];
      const isSameKind = long.startsWith('#') === short.startsWith('#');
      const needle = short.startsWith('#') ? short.slice(1) : short;
      return isSameKind && long !== short && long.includes(needle)
        ? [
            new Map([
              [whole, present],
              [part, 1n],
            ]),
          ]
        : [];
    }),
  );
}

/** A message is the first one if the conversation has one. */
function ofFirst({ atoms, dimensions }: Space, trigger: Trigger): Box[] {
  const count = 'conversation.messageCount';
  if (trigger !== 'message' || !dimensions.has(count)) return [];
  const isFirst = 'message.isFirst';
  const none = new Map([[count, atoms(count, (value) => value === 0)]]);
  if (!dimensions.has(isFirst)) return [none];
  return [
    none,
    new Map([
      [isFirst, atoms(isFirst, (value) => value === true)],
      [count, atoms(count, (value) => value !== 1)],
    ]),
    new Map([
      [isFirst, atoms(isFirst, (value) => value === false)],
      [count, atoms(count, (value) => value === 1)],
    ]),
  ];
}

/**
 * Every message tells its kind; a change of a conversation or an order tells nothing about a message. For an order the language
 * of the buyer's last message is known.
 */
function ofTrigger({ atoms, dimensions }: Space, trigger: Trigger): Box[] {
  const ofMessage = ['message.kind', 'message.isFirst', 'message.sentiment'];
  if (trigger !== 'order') ofMessage.push('message.language');
  const many = ['message.words?', 'message.intents?', 'message.risks?'];
  if (trigger === 'message' || trigger === 'turn')
    return ['message.kind', 'message.isFirst']
      .filter((name) => dimensions.has(name))
      .map((name) => new Map([[name, atoms(name, (value) => value === null)]]));
  return [
    ...ofMessage
      .filter((name) => dimensions.has(name))
      .map((name) => new Map([[name, atoms(name, (value) => value !== null)]])),
    ...many.filter((name) => dimensions.has(name)).map((name) => new Map([[name, isKnown]])),
  ];
}
