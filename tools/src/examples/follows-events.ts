import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually, testKafka } from '@crossdesk/testkit';
import { eventsOf, openTopic, sampleOf } from './records.ts';
import { type RunningExample, startExample } from './running-example.ts';
import type { Prepared } from './toolchains.ts';

/** The group waits this long for a killed member, then gives its partitions to the next. */
const withinMs = 60_000;

/** The requirements on the example of every language. */
export function describeExample(language: string, { command, reason: noTools }: Prepared): void {
  const { brokers, reason: noKafka } = testKafka();
  const reason = noTools ?? noKafka;
  const describeHere = reason === null ? describe : describe.skip;

  describeHere(`the example in ${language}${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
    let topic: Awaited<ReturnType<typeof openTopic>>;
    const started: RunningExample[] = [];

    beforeAll(async () => {
      topic = await openTopic(brokers);
    });
    afterAll(async () => {
      await Promise.all(started.map((example) => example.end('SIGKILL')));
      await topic.close();
    });

    function start(): RunningExample {
      if (command === null) throw new Error('not prepared');
      const example = startExample(command, {
        KAFKA_BROKERS: brokers.join(','),
        TOPIC: topic.name,
        GROUP: `${topic.name}.example`,
      });
      started.push(example);
      return example;
    }

    test('prints every event in the order of its key across a kill and a stop, reports repeats, and skips what it cannot read', async () => {
      const keys = Array.from({ length: 6 }, () => newId());
      const before = eventsOf(keys, 1, 120);
      await topic.publishEvents(before);

      const killed = start();
      await until(killed, () => killed.lines.length > 100);
      await killed.end('SIGKILL');
      const after = eventsOf(keys, 121, 130);
      await topic.publishEvents(after);

      const second = start();
      const [repeated] = after;
      const last = sampleOf(keys[0] ?? '', 131);
      if (repeated === undefined) throw new Error('nothing to repeat');
      await topic.publishEvents([repeated]);
      await topic.publish(repeated.aggregateId, '{"type":"conversation.changed","version":1,"secret":"Ana Souza"}');
      await topic.publish(repeated.aggregateId, 'no JSON at all');
      for (const newer of [{ version: 2 }, { type: 'conversation.archived' }])
        await topic.publish(repeated.aggregateId, JSON.stringify({ ...repeated, id: newId(), ...newer }));
      await topic.publishEvents([last]);
      await until(second, () => missing([...before, ...after, last], killed, second).length === 0);
      // A group that loses its member for a moment on a busy machine reads uncommitted records again: reported as
      // repeats too.
      expect(idsIn(second, 'repeat')).toContain(repeated.id);
      expect(new Set(idsIn(second)).size).toBe(idsIn(second).length);
      const bad = second.lines.filter(({ what }) => what === 'bad').map(({ text }) => text);
      expect(new Set(bad).size).toBe(2);
      expect(second.everythingSaid()).not.toContain('Ana Souza');
      await second.end('SIGTERM');
      expect(second.counts).toMatchObject({ events: idsIn(second).length, repeats: idsIn(second, 'repeat').length });
      expect(second.counts['unknown']).toBeGreaterThanOrEqual(2);
      const versions = new Map([...before, ...after, last].map((event) => [event.id, event.aggregateVersion]));
      for (const example of [killed, second])
        for (const key of keys) expect(stepsOf(key, example, versions)).toEqual(oneByOne(key, example, versions));

      const next = sampleOf(keys[1] ?? '', 131);
      await topic.publishEvents([next]);
      const third = start();
      await until(third, () => idsIn(third).length > 0);
      await third.end('SIGTERM');
      expect(idsIn(third)).toEqual([next.id]);
      expect(third.counts).toMatchObject({ events: 1, repeats: 0, unknown: 0, bad: 0 });
    }, 120_000);
  });
}

/** The output of the example explains a failure better than the missing record. */
async function until(example: RunningExample, isSo: () => boolean): Promise<void> {
  await eventually(async () => {
    if (!isSo() && !example.hasEnded()) throw new Error(`not yet; it said: ${example.everythingSaid().slice(-2_000)}`);
  }, withinMs);
  if (!isSo()) throw new Error(`it ended: ${example.everythingSaid().slice(-2_000)}`);
}

function idsIn({ lines }: RunningExample, wanted: 'event' | 'repeat' = 'event'): string[] {
  return lines.flatMap(({ what, eventId }) => (what === wanted ? [eventId] : []));
}

function missing(events: readonly { readonly id: string }[], ...examples: readonly RunningExample[]): string[] {
  const printed = new Set(examples.flatMap((example) => idsIn(example)));
  return events.flatMap(({ id }) => (printed.has(id) ? [] : [id]));
}

function stepsOf(key: string, { lines }: RunningExample, versions: ReadonlyMap<string, number>): number[] {
  return lines.flatMap((line) =>
    line.what === 'event' && line.key === key ? [versions.get(line.eventId) ?? NaN] : [],
  );
}

/** From the first step the run saw, each exactly once. */
function oneByOne(key: string, example: RunningExample, versions: ReadonlyMap<string, number>): number[] {
  const steps = stepsOf(key, example, versions);
  return steps.map((_, index) => (steps[0] ?? NaN) + index);
}
