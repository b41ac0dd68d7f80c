import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { openHarness, type TestHarness } from '@crossdesk/testkit';
import { connect, read } from './live-client.ts';
import { inboxCase, storeCase } from './stream-cases.ts';
import { person } from './tokens.ts';

let harness: TestHarness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

test.each([inboxCase, storeCase])(
  'over the embedded log $name continues after its cursor, without gaps or duplicates',
  async (stream) => {
    const [who, stranger] = [person(), person()];
    const gateway = await stream.start({
      broker: harness.broker,
      knownEvents: () => ({ subjectId: 's1', kind: stream.kindWords.first }),
    });
    const subjects = Array.from({ length: 12 }, () => newId());
    const publish = async (count: number): Promise<string[]> => {
      const events = Array.from({ length: count }, (_, n) => {
        const place = stream.places[n % stream.places.length];
        if (place === undefined) throw new Error('a stream without partitions');
        const { tenantId } = n % 4 === 3 ? stranger : who;
        return stream.event(place, { tenantId, subjectId: subjects[n % subjects.length] ?? newId() });
      });
      await harness.publish(...events);
      return events.filter(({ tenantId }) => tenantId === who.tenantId).map(({ id }) => id);
    };
    const client = await connect(gateway, who);
    const query = `subscription($after: String) { event: ${stream.name}(after: $after) { id cursor } }`;
    const seen: string[] = [];
    let after = stream.beginning(who.tenantId);
    const readUpTo = async (count: number): Promise<void> => {
      const shown = await read(client, count - seen.length, query, { after });
      seen.push(...shown.map(({ id }) => id));
      after = shown.at(-1)?.cursor ?? after;
    };

    const sent = await publish(400);
    await readUpTo(150);
    const reading = readUpTo(350);
    sent.push(...(await publish(200)));
    await reading;
    sent.push(...(await publish(100)));
    await readUpTo(sent.length);
    await client.dispose();
    await gateway.stop();

    expect(seen).toHaveLength(new Set(seen).size);
    expect(seen.toSorted()).toEqual(sent.toSorted());
  },
);
