import { operations } from '../history.ts';
import type { LogRecord, OutboxEvent } from '../observations.ts';
import { type Checker, grouped, repeated, violation } from './checker.port.ts';

/** I3: the events of an aggregate are appended in the order of its versions, and reach the log in that order the first time. */
export const keysInOrder: Checker = (_history, seen) => {
  const appended = [...grouped(seen.outbox, historyOf)].flatMap(([name, events]) =>
    events.slice(1).flatMap((event, index) => {
      const before = events[index]?.version ?? 0;
      const what = `${name} appends ${event.type} of version ${event.version} behind ${events[index]?.type} of ${before}`;
      const isInOrder = event.version > before || (sharesVersion.has(event.type) && event.version === before);
      return isInOrder ? [] : [violation('I3', 'inverted', what)];
    }),
  );
  const seqOf = new Map(seen.outbox.map((event) => [event.eventId, event.seq]));
  const published = [...grouped(firstRecords(seen.log), ({ topic, key }) => `${topic} ${key}`)].flatMap(
    ([name, records]) =>
      records.slice(1).flatMap((record, index) => {
        const [here, before] = [seqOf.get(record.eventId ?? ''), seqOf.get(records[index]?.eventId ?? '')];
        return here === undefined || before === undefined || here > before
          ? []
          : [violation('I3', 'inverted', `${name} is published out of order at position ${record.position}`)];
      }),
  );
  return [...appended, ...published];
};

/** Marks that stand or fall with a change are told right behind it, with its version (save-changes.ts). */
const sharesVersion: ReadonlySet<string> = new Set(['conversation.marks-changed']);
const ofDuty: ReadonlySet<string> = new Set(['conversation.duty-changed', 'conversation.skills-changed']);

/** The duty and skills of a person count their own versions, under the key of the person. */
function historyOf({ service, topic, key, type }: OutboxEvent): string {
  return `${service} ${topic} ${key}${ofDuty.has(type) ? ' duty' : ''}`;
}

/** The first record of each event. After a relay has died some events are on the log again; consumers ignore those. */
function firstRecords(log: readonly LogRecord[]): LogRecord[] {
  const known = new Set<string>();
  return log.filter(({ eventId }) => {
    if (eventId === null || known.has(eventId)) return false;
    known.add(eventId);
    return true;
  });
}

/** I5: every event of every service is on the log, and the log has nothing else except what the harness put there. */
export const outboxIsOnTheLog: Checker = (history, seen) => {
  const onLog = new Set(seen.log.map(({ eventId }) => eventId));
  const appended = new Set(seen.outbox.map(({ eventId }) => eventId));
  const poisoned = new Set(operations(history, 'poison').map(({ topic, key }) => `${topic} ${key}`));
  return [
    ...seen.outbox.flatMap(({ service, seq, eventId, isPublished }) => {
      if (!onLog.has(eventId)) return [violation('I5', 'lost', `event ${seq} of ${service} is not on the log`)];
      return isPublished ? [] : [violation('I5', 'wrong', `event ${seq} of ${service} is published but not marked`)];
    }),
    ...repeated(seen.outbox.map(({ eventId }) => eventId)).map((id) =>
      violation('I5', 'doubled', `event ${id} is appended twice`),
    ),
    ...seen.log.flatMap(({ topic, partition, position, key, eventId }) =>
      (eventId !== null && appended.has(eventId)) || poisoned.has(`${topic} ${key}`)
        ? []
        : [violation('I5', 'wrong', `no service appended the record at ${topic}/${partition}/${position}`)],
    ),
  ];
};

/** I7: every record before a committed position was taken or parked by its consumer. */
export const committedIsDone: Checker = (_history, seen) => {
  const done = new Set([
    ...seen.processed.map(({ consumer, eventId }) => `${consumer} ${eventId}`),
    ...seen.deadLetters.map(({ consumer, eventId }) => `${consumer} ${eventId}`),
  ]);
  const typeOf = new Map(seen.log.map(({ eventId, type }) => [eventId, type]));
  // A consumer ignores types that it does not ask for. Which it asks for shows in what it has taken.
  const asked = new Set(seen.processed.map(({ consumer, eventId }) => `${consumer} ${typeOf.get(eventId) ?? ''}`));
  const byPartition = grouped(seen.log, ({ topic, partition }) => `${topic}/${partition}`);
  return seen.groups.flatMap(({ consumer, topic, partition, next }) =>
    (byPartition.get(`${topic}/${partition}`) ?? [])
      .filter(
        ({ position, eventId, type }) =>
          position < next &&
          eventId !== null &&
          asked.has(`${consumer} ${type}`) &&
          !done.has(`${consumer} ${eventId}`),
      )
      .map(({ position }) =>
        violation('I7', 'lost', `${consumer} passed ${topic}/${partition}/${position} without doing it`),
      ),
  );
};

/** I10: each consumer of a topic parks a record that cannot be read once, with the reason. */
export const poisonIsParked: Checker = (history, seen) => {
  const consumersOf = new Map(
    [...grouped(seen.groups, ({ topic }) => topic)].map(([topic, rows]) => [
      topic,
      [...new Set(rows.map(({ consumer }) => consumer))],
    ]),
  );
  const poisons = operations(history, 'poison');
  const onLog = new Set(poisons.flatMap(({ phase, key }) => (phase === 'ok' ? [key] : [])));
  return poisons
    .filter(({ phase }) => phase === 'invoke')
    .flatMap(({ topic, key }) =>
      (consumersOf.get(topic) ?? []).flatMap((consumer) => {
        const letters = seen.deadLetters.filter((row) => row.consumer === consumer && row.key === key);
        // A record whose publishing was not confirmed may be on the log or not.
        const isOnce = letters.length === 1 || (letters.length === 0 && !onLog.has(key));
        return isOnce && letters.every(({ reason }) => reason !== '')
          ? []
          : [violation('I10', 'wrong', `${consumer} parked the poison of ${key} ${letters.length} times`)];
      }),
    );
};

/** I10: nothing else is parked, because each event of a service can be taken by the others. */
export const nothingElseParked: Checker = (history, seen) => {
  const poisoned = new Set(operations(history, 'poison').map(({ key }) => key));
  return seen.deadLetters
    .filter(({ key, isReplayed }) => !poisoned.has(key) && !isReplayed)
    .map(({ consumer, eventId, reason }) => violation('I10', 'wrong', `${consumer} parked ${eventId}: ${reason}`));
};
