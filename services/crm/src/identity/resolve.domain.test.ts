import { describe, expect, test } from '@jest/globals';
import { type ChannelAccountId, type CustomerId, type MergeDecisionId, newId } from '@crossdesk/contracts';
import fc from 'fast-check';
import {
  type ClaimFact,
  type DecisionFact,
  type IdentityFacts,
  pairOf,
  platformSaysSame,
  type ProfileFact,
  resolve,
  tiesBetween,
} from './resolve.domain.ts';
import { proposalsFrom } from './proposal.domain.ts';

const accounts = Array.from({ length: 4 }, () => newId<ChannelAccountId>());
const channels = ['shopee', 'whatsapp', 'generic', 'email'];

function profile(n: number, more: Partial<ProfileFact> = {}): ProfileFact {
  const place = n % accounts.length;
  const accountId = accounts[place] ?? null;
  return { id: idOf(n), place: `${accountId} ${n}`, accountId, channel: channels[place] ?? null, name: null, ...more };
}

/** Ids of a world: the same profiles have other ids in another database. */
let ids = new Map<number, CustomerId>();
function idOf(n: number): CustomerId {
  const id = ids.get(n) ?? newId<CustomerId>();
  ids.set(n, id);
  return id;
}

function claim(n: number, kind: ClaimFact['kind'], key: string, day = '2026-01-01', lastOn = day): ClaimFact {
  return { profileId: idOf(n), kind, key, firstOn: day, lastOn };
}

function decision(a: number, b: number, verdict: DecisionFact['verdict'], minute = 0): DecisionFact {
  const decidedAt = new Date(Date.UTC(2026, 5, 1, 0, minute));
  return { id: newId<MergeDecisionId>(), pair: pairOf(idOf(a), idOf(b)), verdict, decidedAt };
}

function facts(
  profiles: readonly ProfileFact[],
  claims: readonly ClaimFact[],
  more: Partial<IdentityFacts> = {},
): IdentityFacts {
  return { profiles, claims, decisions: [], blockedKeys: new Set(), ...more };
}

/** The groups of profiles by number, so that ids do not matter. */
function groupsOf(given: IdentityFacts): string[] {
  const { customers } = resolve(given);
  const byPlace = given.profiles.map(({ id, place }) => ({ customer: customers.get(id), place }));
  return [...Map.groupBy(byPlace, ({ customer }) => customer).values()]
    .map((group) =>
      group
        .map(({ place }) => place.split(' ')[1])
        .sort((a, b) => Number(a) - Number(b))
        .join('+'),
    )
    .sort();
}

const phone = '+5511987654321';
const [shop, app, own, mail] = [profile(0), profile(1), profile(2), profile(3)];

describe('what makes profiles one customer', () => {
  test('a phone number or an address that both have at about the same time', () => {
    expect(
      groupsOf(
        facts(
          [shop, app, own],
          [
            claim(0, 'phone', phone),
            claim(1, 'phone', phone),
            claim(1, 'email', 'ana@example.com'),
            claim(2, 'email', 'ana@example.com'),
          ],
        ),
      ),
    ).toEqual(['0+1+2']);
    expect(groupsOf(facts([shop, app], [claim(0, 'phone', phone), claim(1, 'phone', '+15551234567')]))).toEqual([
      '0',
      '1',
    ]);
  });

  test('a number that was claimed long ago is that of somebody else, unless they have one name', () => {
    const apart = [claim(0, 'phone', phone, '2025-01-01'), claim(1, 'phone', phone, '2026-01-01')];
    expect(groupsOf(facts([shop, app], apart))).toEqual(['0', '1']);
    expect(groupsOf(facts([profile(0, { name: 'Ana Souza' }), profile(1, { name: 'ＡＮＡ  souza' })], apart))).toEqual([
      '0+1',
    ]);
    expect(
      groupsOf(
        facts(
          [shop, app],
          [claim(0, 'phone', phone, '2025-01-01', '2025-12-01'), claim(1, 'phone', phone, '2026-01-01')],
        ),
      ),
    ).toEqual(['0+1']);
  });

  test('near addresses and names prove nothing, and are proposed together', () => {
    const named = [profile(1, { name: 'Ana Souza' }), profile(2, { name: 'Ana Souza' })];
    const near = facts(named, [claim(1, 'email_near', 'ana@gmail.com'), claim(2, 'email_near', 'ana@gmail.com')]);
    expect(groupsOf(near)).toEqual(['1', '2']);
    expect(proposalsFrom(named, resolve(near))).toEqual([
      { pair: pairOf(idOf(1), idOf(2)), score: 3, reasons: ['near-email', 'same-name'] },
    ]);
    const others = [profile(1, { name: 'Ana' }), profile(2, { name: 'Bo' })];
    expect(proposalsFrom(others, resolve({ ...near, profiles: others }))).toEqual([]);
  });

  test('two buyers of one marketplace store with one number are a family, and the number proves nothing for others', () => {
    const family = [profile(0), profile(4), app];
    const shared = facts(family, [claim(0, 'phone', phone), claim(4, 'phone', phone), claim(1, 'phone', phone)]);
    expect(groupsOf(shared)).toEqual(['0', '1', '4']);
    expect(proposalsFrom(family, resolve(shared))).toHaveLength(3);
    // Before the second of them came it did: it loses its merge by itself.
    expect(
      groupsOf(
        facts(
          [profile(0), app],
          shared.claims.filter(({ profileId }) => profileId !== idOf(4)),
        ),
      ),
    ).toEqual(['0+1']);
  });

  test('two customers are not joined by a number if both have a profile at one marketplace store', () => {
    const chain = facts(
      [profile(0), profile(4), app, own],
      [
        claim(0, 'phone', phone),
        claim(1, 'phone', phone),
        claim(1, 'email', 'a@b.cc'),
        claim(4, 'email', 'a@b.cc', '2026-01-02'),
      ],
    );
    expect(groupsOf(chain)).toEqual(['0+1', '2', '4']);
  });

  test('an address that only a mail says is asked about, since anybody can write it; two mailboxes of the seller agree', () => {
    const said = facts([own, mail], [claim(2, 'email', 'a@b.cc'), claim(3, 'email', 'a@b.cc')]);
    expect(groupsOf(said)).toEqual(['2', '3']);
    expect(proposalsFrom([own, mail], resolve(said))).toMatchObject([{ score: 2, reasons: ['same-email'] }]);
    const mailboxes = [mail, profile(7)];
    expect(groupsOf(facts(mailboxes, [claim(3, 'email', 'a@b.cc'), claim(7, 'email', 'a@b.cc')]))).toEqual(['3+7']);
  });

  test('a key of more than eight profiles, and a blocked one, prove nothing', () => {
    const many = Array.from({ length: 9 }, (_, n) =>
      profile(n, { accountId: newId<ChannelAccountId>(), channel: 'generic' }),
    );
    const claims = many.map((_, n) => claim(n, 'phone', phone));
    expect(groupsOf(facts(many.slice(0, 8), claims.slice(0, 8)))).toHaveLength(1);
    expect(groupsOf(facts(many, claims))).toHaveLength(9);
    expect(groupsOf(facts([shop, app], claims.slice(0, 2), { blockedKeys: new Set([phone]) }))).toEqual(['0', '1']);
  });

  test('the platform is believed whatever people say', () => {
    const thread = facts([profile(1), profile(5)], [claim(1, 'conversation', 'c'), claim(5, 'conversation', 'c')], {
      decisions: [decision(1, 5, 'apart')],
    });
    expect(groupsOf(thread)).toEqual(['1+5']);
    expect(platformSaysSame(thread, pairOf(idOf(1), idOf(5)))).toBe(true);
  });

  test('people join, part and cut; the latest word about two counts', () => {
    const same = [claim(0, 'phone', phone), claim(1, 'phone', phone)];
    const decided = (...decisions: DecisionFact[]) => groupsOf(facts([shop, app, own], same, { decisions }));
    expect(decided(decision(0, 2, 'join'))).toEqual(['0+1+2']);
    expect(decided(decision(0, 1, 'cut'))).toEqual(['0', '1', '2']);
    expect(decided(decision(0, 1, 'apart'), decision(0, 1, 'join', 1))).toEqual(['0+1', '2']);
    expect(decided(decision(0, 2, 'join'), decision(0, 2, 'apart', 1))).toEqual(['0+1', '2']);
    // Kept apart also through a third: the older tie holds.
    expect(decided(decision(0, 1, 'apart'), decision(0, 2, 'join', 1), decision(1, 2, 'join', 2))).toEqual([
      '0+2',
      '1',
    ]);
    const refused = decision(1, 2, 'join', 2);
    const { refusedJoins } = resolve(
      facts([shop, app, own], same, { decisions: [decision(0, 1, 'apart'), decision(0, 2, 'join', 1), refused] }),
    );
    expect(refusedJoins).toEqual([refused.id]);
  });

  test('the way between two is shown', () => {
    const { edges } = resolve(
      facts(
        [shop, app, own, mail],
        [claim(0, 'phone', phone), claim(1, 'phone', phone), claim(1, 'email', 'a@b.cc'), claim(2, 'email', 'a@b.cc')],
      ),
    );
    expect(
      tiesBetween(edges, pairOf(idOf(0), idOf(2)))
        .map(({ evidence }) => evidence)
        .sort(),
    ).toEqual(['email', 'phone']);
    expect(tiesBetween(edges, pairOf(idOf(0), idOf(3)))).toEqual([]);
  });
});

const size = 12;
const anyClaim = fc.record({
  n: fc.nat(size - 1),
  kind: fc.constantFrom('phone', 'email', 'email_near', 'conversation', 'platform_commerce'),
  key: fc.nat(4),
  day: fc.constantFrom('2025-10-01', '2026-01-01', '2026-01-20', '2026-03-01'),
});
const anyDecision = fc.record({
  a: fc.nat(size - 1),
  b: fc.nat(size - 1),
  verdict: fc.constantFrom('join', 'apart', 'cut'),
});
const anyWorld = fc.record({
  claims: fc.array(anyClaim, { maxLength: 24 }),
  decisions: fc.array(anyDecision, { maxLength: 6 }),
  names: fc.array(fc.constantFrom('Ana', 'Bo', null), { minLength: size, maxLength: size }),
  order: fc.infiniteStream(fc.nat()),
});
type World = typeof anyWorld extends fc.Arbitrary<infer Value> ? Value : never;

/** The facts of a world, in ids of their own. */
function factsOf({ claims, decisions, names }: Pick<World, 'claims' | 'decisions' | 'names'>): IdentityFacts {
  ids = new Map();
  // Ids grow as profiles come: here by any order.
  return facts(
    names.map((name, n) => profile(n, { name })),
    [...new Map(claims.map((one) => [`${one.n} ${one.kind} ${one.key}`, one])).values()].map((one) =>
      claim(one.n, one.kind, `${one.kind} ${one.key}`, one.day),
    ),
    { decisions: decisions.flatMap(({ a, b, verdict }, minute) => (a === b ? [] : [decision(a, b, verdict, minute)])) },
  );
}

function shuffle<Item>(items: readonly Item[], numbers: IterableIterator<number>): Item[] {
  return items
    .map((item) => ({ item, place: numbers.next().value ?? 0 }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

describe('whatever the facts are', () => {
  test('neither their order nor the ids matter', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const plain = factsOf(world);
        const mixed = {
          ...plain,
          profiles: shuffle(plain.profiles, world.order),
          claims: shuffle([...plain.claims, ...plain.claims.slice(0, 3)], world.order).filter(
            (one, place, all) => all.findIndex((other) => other === one) === place,
          ),
          decisions: shuffle(plain.decisions, world.order),
        };
        const expected = groupsOf(plain);
        expect(groupsOf(mixed)).toEqual(expected);
        // In another database the profiles have other ids.
        expect(groupsOf(factsOf(world))).toEqual(expected);
      }),
    );
  });

  test('who is kept apart is apart, unless the platform says that they are one', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const given = factsOf(world);
        const { customers } = resolve(given);
        const latest = new Map(given.decisions.map((one) => [one.pair.join(' '), one]));
        for (const { verdict, pair } of latest.values()) {
          if (verdict !== 'apart' || platformSaysSame(given, pair)) continue;
          const [a, b] = pair;
          const platform = resolve({
            ...given,
            claims: given.claims.filter(({ kind }) => kind === 'conversation' || kind === 'platform_commerce'),
            decisions: [],
          });
          if (platform.customers.get(a) !== platform.customers.get(b))
            expect(customers.get(a)).not.toBe(customers.get(b));
        }
      }),
    );
  });

  test('edges tie exactly those who are one, without rings', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const given = factsOf(world);
        const { customers, edges } = resolve(given);
        expect(edges).toHaveLength(given.profiles.length - new Set(customers.values()).size);
        for (const {
          pair: [a, b],
        } of edges)
          expect(customers.get(a)).toBe(customers.get(b));
      }),
    );
  });
});
