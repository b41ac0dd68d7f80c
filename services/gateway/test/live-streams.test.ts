import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EventId, newId } from '@crossdesk/contracts';
import type { RequestContext } from '@crossdesk/service-kit';
import { scrape } from '@crossdesk/testkit';
import { defaultLimits } from '../src/limits.ts';
import type { StartOptions, TestGateway } from './gateway.ts';
import { connect, read, refusalFrom } from './live-client.ts';
import { inboxCase, storeCase } from './stream-cases.ts';
import { type Person, person } from './tokens.ts';
import { until } from '@crossdesk/testkit/waiting';

/** A small generator with a seed, so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe.each([inboxCase, storeCase])('$name', (stream) => {
  const { places, beginning } = stream;
  const subjectId = newId();
  const allKnown = (_id: EventId) => ({ subjectId, kind: stream.kindWords.first });
  const follow = `subscription($after: String) { event: ${stream.name}(after: $after) { id cursor } }`;

  let gateway: TestGateway;
  const start = (options: Partial<StartOptions> = {}) => stream.start({ knownEvents: allKnown, ...options });
  beforeAll(async () => {
    gateway = await start();
  });
  afterAll(() => gateway.stop());

  /** Publishes to the partition of a number. */
  function publish(to: TestGateway, number: number, fact: Parameters<typeof stream.event>[1]): EventId {
    const place = places[number % places.length];
    if (place === undefined) throw new Error('a stream without partitions');
    return to.log.publish(place, stream.event(place, { subjectId, ...fact }));
  }

  test('without a cursor it starts now, and every subscriber shares one tail', async () => {
    const who = person();
    publish(gateway, 0, { tenantId: who.tenantId });
    const clients = [await connect(gateway, who), await connect(gateway, who)];
    const readings = clients.map((client) => read(client, 3, follow, {}));
    const open = new RegExp(`crossdesk_live_subscriptions\\{[^}]*stream="${stream.name}"[^}]*\\} 2`);
    const areOpen = async () => open.test(await (await fetch(`${gateway.healthOrigin}/metrics`)).text());
    while (!(await areOpen()));
    await until(() => gateway.log.readerCount() === 1);
    const ids = [0, 1, 2].map(() => publish(gateway, 3, { tenantId: who.tenantId }));
    for (const shown of await Promise.all(readings)) expect(shown.map(({ id }) => id)).toEqual(ids);
    expect(gateway.log.readerCount()).toBe(1);
    for (const client of clients) await client.dispose();
  });

  test('a workspace sees its own events and no other’s', async () => {
    const [ours, theirs] = [person(), person()];
    const sent = Array.from({ length: 200 }, (_, n) => {
      const { tenantId } = n % 2 === 0 ? ours : theirs;
      return { tenantId, id: publish(gateway, n % 3, { tenantId }) };
    });
    for (const who of [ours, theirs]) {
      const client = await connect(gateway, who);
      const shown = await read(client, 100, follow, { after: beginning(who.tenantId) });
      const own = sent.filter(({ tenantId }) => tenantId === who.tenantId).map(({ id }) => id);
      expect(shown.map(({ id }) => id).toSorted()).toEqual(own.toSorted());
      await client.dispose();
    }
  });

  test('can be filtered by subject and by kind', async () => {
    const who = person(newId(), 'admin');
    const { tenantId } = who;
    const last = places.length - 1;
    publish(gateway, last, { tenantId, subjectId: newId() });
    const second = publish(gateway, last, { tenantId, kind: 'second' });
    const first = publish(gateway, last, { tenantId, kind: 'first' });
    const client = await connect(gateway, who);
    const query = `subscription($after: String, $id: ID, $kinds: [${stream.kindType}!]) {
      event: ${stream.name}(after: $after, ${stream.subjectArgument}: $id, kinds: $kinds) { id cursor }
    }`;
    const firstOf = async (variables: Record<string, unknown>) =>
      (await read(client, 1, query, { after: beginning(tenantId), ...variables }))[0]?.id;
    expect(await firstOf({ id: subjectId })).toBe(second);
    expect(await firstOf({ id: subjectId, kinds: [stream.kindWords.first] })).toBe(first);
    expect(await refusalFrom(client, query, { id: 'no-id' })).toBe('BAD_USER_INPUT');
    await client.dispose();
  });

  test.each([1, 2])(
    'after any number of lost connections every event is seen once, in order (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      const [reader, stranger] = [person(), person()];
      const local = await start();
      const numberOf = new Map<string, number>();
      const total = 400;
      let published = 0;
      const publishSome = (count: number) => {
        for (let n = 0; n < count && numberOf.size < total; n += 1) {
          const number = random(places.length);
          const { tenantId } = random(10) < 3 ? stranger : reader;
          const id = publish(local, number, { tenantId });
          if (tenantId === reader.tenantId) numberOf.set(id, number);
          published += 1;
        }
      };

      const seen: string[] = [];
      let after = beginning(reader.tenantId);
      publishSome(100);
      while (numberOf.size < total || seen.length < total) {
        const client = await connect(local, reader);
        const wanted = Math.min(1 + random(60), total - seen.length);
        const reading = read(client, wanted, follow, { after });
        while (seen.length + wanted > numberOf.size) {
          publishSome(random(40));
          await new Promise((resolve) => setImmediate(resolve));
        }
        const shown = await reading;
        after = shown.at(-1)?.cursor ?? after;
        seen.push(...shown.map(({ id }) => id));
        await client.dispose();
      }
      await local.stop();

      expect(published).toBeGreaterThan(total);
      expect(new Set(seen).size).toBe(seen.length);
      for (const number of places.keys()) {
        const sent = [...numberOf].filter(([, at]) => at === number).map(([id]) => id);
        expect(seen.filter((id) => numberOf.get(id) === number)).toEqual(sent);
      }
    },
  );

  test('an event the service does not show, and a record that cannot be read, are skipped', async () => {
    const who = person();
    const hidden = new Set<string>();
    const local = await start({ knownEvents: (id) => (hidden.has(id) ? null : allKnown(id)) });
    const [place] = places;
    if (place === undefined) throw new Error('a stream without partitions');
    hidden.add(publish(local, 0, { tenantId: who.tenantId }));
    local.log.append(place, Buffer.from('not an event'));
    const visible = publish(local, 0, { tenantId: who.tenantId });
    const client = await connect(local, who);
    expect((await read(client, 1, follow, { after: beginning(who.tenantId) }))[0]?.id).toBe(visible);
    await client.dispose();
    await local.stop();
  });

  test('an error of the service ends the stream, and resuming loses nothing', async () => {
    const who = person();
    let isBroken = true;
    const knownEvents = (id: EventId) => {
      if (isBroken) throw new Error('no connection to 10.0.0.7');
      return allKnown(id);
    };
    const local = await start({ knownEvents });
    const id = publish(local, 2, { tenantId: who.tenantId });
    const client = await connect(local, who);
    expect(await refusalFrom(client, follow, { after: beginning(who.tenantId) })).toBe('INTERNAL');
    isBroken = false;
    await local.stop();
    await client.dispose();
    const again = await start({ knownEvents, broker: local.log.broker });
    const next = await connect(again, who);
    expect((await read(next, 1, follow, { after: beginning(who.tenantId) }))[0]?.id).toBe(id);
    await next.dispose();
    await again.stop();
  });

  test('one query reads all waiting events', async () => {
    const who = person();
    const local = await start();
    const ids = Array.from({ length: 60 }, () => publish(local, 1, { tenantId: who.tenantId }));
    const client = await connect(local, who);
    const shown = await read(client, 60, follow, { after: beginning(who.tenantId) });
    expect(shown.map(({ id }) => id)).toEqual(ids);
    const questions = (await scrape(`${local.healthOrigin}/metrics`)).value(
      'crossdesk_subgraph_request_seconds_count',
      {},
    );
    expect(questions).toBeLessThan(10);
    await client.dispose();
    await local.stop();
  });

  test('cursors that were changed, of another stream, or too old are refused', async () => {
    const who = person();
    const local = await start();
    const [place] = places;
    if (place === undefined) throw new Error('a stream without partitions');
    for (let n = 0; n < 5; n += 1) publish(local, 0, { tenantId: who.tenantId });
    local.log.forgetBefore(place, 3n);
    const client = await connect(local, who);
    const other = stream === inboxCase ? storeCase : inboxCase;
    const refused = (after: string) => refusalFrom(client, follow, { after });
    const own = beginning(who.tenantId);
    expect(await refused(`${own}AA`)).toBe('CURSOR_INVALID');
    expect(await refused(other.beginning(who.tenantId))).toBe('CURSOR_INVALID');
    expect(await refused(beginning(newId()))).toBe('CURSOR_INVALID');
    expect(await refused(own)).toBe('CURSOR_EXPIRED');
    await client.dispose();
    await local.stop();
  });

  test('from a start cursor it shows what happens after the cursor was read, or all that the log holds', async () => {
    const who = person();
    const local = await start();
    const before = publish(local, 0, { tenantId: who.tenantId });
    const token = await local.tokenFor(who);
    const query = `{ now: ${stream.stream.cursorField} oldest: ${stream.stream.cursorField}(from: OLDEST) }`;
    const { body } = await local.send({ query }, { authorization: `Bearer ${token}` });
    const after = publish(local, 0, { tenantId: who.tenantId });
    const client = await connect(local, who);
    const firstAfter = async (cursor: unknown) => (await read(client, 1, follow, { after: cursor }))[0]?.id;
    expect(await firstAfter(body.data?.['now'])).toBe(after);
    expect(await firstAfter(body.data?.['oldest'])).toBe(before);
    expect((await local.send({ query }, {})).status).toBe(401);
    await client.dispose();
    await local.stop();
  });

  describe('equal subscribers', () => {
    async function shownTo(people: readonly Person[], selection: string) {
      const asked: RequestContext[] = [];
      const local = await start({
        knownEvents: (id, context) => {
          asked.push(context);
          return { ...allKnown(id), agentId: people[0]?.agentId ?? '' };
        },
      });
      publish(local, 0, { tenantId: people[0]?.tenantId ?? newId() });
      const query = `subscription($after: String) { event: ${stream.name}(after: $after) { id cursor ${selection} } }`;
      const clients = await Promise.all(people.map((who) => connect(local, who)));
      const after = beginning(people[0]?.tenantId ?? newId());
      // At once, because an answer is shared for only two seconds.
      const shown = await Promise.all(clients.map((client) => read(client, 1, query, { after })));
      for (const client of clients) await client.dispose();
      await local.stop();
      return { shown: shown.flat(), asked };
    }
    const colleague = (who: Person, role = 'agent') => person(who.tenantId, role);

    test('of one role are answered by one execution', async () => {
      const who = person();
      expect((await shownTo([who, colleague(who), colleague(who)], '')).asked).toHaveLength(1);
      expect((await shownTo([who, colleague(who, 'admin')], '')).asked).toHaveLength(2);
    });

    test('never share data that only the person themselves may see', async () => {
      const who = person();
      const { shown, asked } = await shownTo([who, colleague(who)], stream.emailSelection);
      expect(asked).toHaveLength(2);
      expect(JSON.stringify(shown[0])).toContain('"email":"me@example.com"');
      expect(JSON.stringify(shown[1])).toContain('"email":null');
    });
  });

  test('a socket takes as many subscriptions as the limit allows', async () => {
    const local = await start({ limits: { ...defaultLimits, subscriptionsPerSocketMax: 2 } });
    const client = await connect(local, person());
    const streams = [client.iterate({ query: follow }), client.iterate({ query: follow })];
    const waiting = streams.map((one) => one.next());
    expect(await refusalFrom(client, follow)).toBe('TOO_MANY_SUBSCRIPTIONS');
    for (const one of streams) await one.return?.();
    await Promise.all(waiting);
    await client.dispose();
    await local.stop();
  });
});

test('a filter may depend on the caller: storeEvents does not show failures to agents', async () => {
  const [agent, lead] = [person(), person(newId(), 'supervisor')];
  const gateway = await storeCase.start({ knownEvents: () => ({ subjectId: newId(), kind: 'SENT' }) });
  const place = { topic: 'ingest.delivery', partition: 3 } as const;
  const query = 'subscription($after: String) { event: storeEvents(after: $after) { id cursor } }';
  for (const who of [agent, lead]) {
    const { tenantId } = who;
    const failed = gateway.log.publish(place, storeCase.event(place, { tenantId, kind: 'second' }));
    const sent = gateway.log.publish(place, storeCase.event(place, { tenantId, kind: 'first' }));
    const client = await connect(gateway, who);
    const [shown] = await read(client, 1, query, { after: storeCase.beginning(who.tenantId) });
    expect(shown?.id).toBe(who === agent ? sent : failed);
    await client.dispose();
  }
  await gateway.stop();
});
