import { expect, test } from '@jest/globals';
import {
  type Buyer,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { identitiesOf, identityKey } from '../customer/identity.domain.ts';
import { type Known, planSightings, type Sighting } from './sighting.domain.ts';

const tenantId = newId<TenantId>();
const accountId = newId<ChannelAccountId>();
const thread = newId<ConversationId>();
const nobody: Buyer = {
  ...{ externalId: 'b', commerceId: null, name: null, phone: null },
  ...{ email: null, avatarUrl: null, locale: null },
};
const nothing: Known = { claims: new Map(), profiles: new Map() };
const phone = '+5511987654321';

function sighting(buyer: Partial<Buyer>, at = '2026-01-01', conversationId = thread): Sighting {
  const seenAt = new Date(at);
  return {
    ...{ tenantId, accountId, channel: 'generic' },
    identities: identitiesOf(tenantId, accountId, conversationId, { ...nobody, ...buyer }),
    face: { displayName: buyer.name ?? null, locale: null, avatarUrl: null, profiledAt: seenAt, firstSeenAt: seenAt },
  };
}

function plan(sightings: readonly Sighting[], known = nothing) {
  return planSightings(sightings, known, newId<CustomerId>);
}

/** What is stored after some sightings. */
function after(...sightings: Sighting[]): Known {
  const { created, claims } = plan(sightings);
  return {
    claims: Map.groupBy(
      claims.map(({ identity, ...claim }) => ({ key: identityKey(identity), ...claim })),
      ({ key }) => key,
    ),
    profiles: new Map(created.map((profile) => [profile.id, profile])),
  };
}

const valuesOf = (email: string) =>
  identitiesOf(tenantId, accountId, thread, { ...nobody, email })
    .map(({ kind, value }) => `${kind} ${value}`)
    .slice(2);

test.each([
  ...[
    '',
    ' ',
    'a@b',
    'noreply@shop.com',
    'No-Reply+77@shop.com',
    'info@shop.com',
    'a***@x.com',
    'k3v9+b2@marketplace.amazon.de',
  ],
  ...[
    'k3v9@marketplace.amazon.co.uk',
    'ana.17@members.ebay.com',
    '9F2@relay.walmart.com',
    'guest@x.org',
    'do_not_reply@shop.com',
  ],
])('an address that identifies nobody is no claim: %s', (email) => {
  expect(valuesOf(email)).toEqual([]);
});

test('an address has one spelling, and one without what providers ignore', () => {
  expect(valuesOf('Ａ.na+x＠googlemail.com ')).toEqual(['email a.na+x@gmail.com', 'email_near ana@gmail.com']);
  expect(valuesOf('ana.b+shop@example.com')).toEqual(['email ana.b+shop@example.com', 'email_near ana.b@example.com']);
  expect(valuesOf('ana@amazon.de')).toEqual(['email ana@amazon.de', 'email_near ana@amazon.de']);
});

test('each id at an account is a profile that claims what was seen with it', () => {
  const { created, claims } = plan([
    sighting({ externalId: 'a', phone }),
    sighting({ externalId: 'b', phone }),
    sighting({ externalId: 'a' }),
  ]);
  expect(created).toHaveLength(2);
  expect(claims.map(({ identity }) => identity.kind).sort()).toEqual([
    'conversation',
    'conversation',
    'phone',
    'phone',
    'platform',
    'platform',
  ]);
  expect(claims.filter(({ identity }) => identity.kind === 'phone').map(({ profileId }) => profileId)).toEqual(
    created.map(({ id }) => id),
  );
});

test('a message that brings nothing new writes nothing', () => {
  const known = after(sighting({ name: 'Ana', phone }));
  expect(
    plan([sighting({ name: 'Ana', phone }), sighting({ name: 'Ana', phone }, '2026-01-01T23:00:00Z')], known),
  ).toEqual({ created: [], changed: [], claims: [] });
  // Of a thread or an id it does not matter when it was seen last, of a number it does, by the day.
  const later = plan([sighting({ name: 'Ana', phone }, '2026-02-01')], known);
  expect(later.claims).toMatchObject([
    { identity: { kind: 'phone' }, firstSeenAt: new Date('2026-01-01'), lastSeenOn: '2026-02-01' },
  ]);
});

test('an id that is seen in another thread claims it too', () => {
  const other = newId<ConversationId>();
  const known = after(sighting({}));
  const { created, claims } = plan([sighting({}, '2026-01-01', other)], known);
  expect(created).toEqual([]);
  expect(claims).toMatchObject([{ identity: { kind: 'conversation', value: other } }]);
});

test('the latest name is kept, a missing name removes none, and the first sighting may arrive late', () => {
  const known = after(sighting({ name: 'Ana' }, '2026-02-01'));
  const given = [
    sighting({ name: 'Ana Maria' }, '2026-03-01'),
    sighting({}, '2026-04-01'),
    sighting({ name: 'A.' }, '2026-01-01'),
  ];
  expect(plan(given, known).changed).toMatchObject([{ displayName: 'Ana Maria', firstSeenAt: new Date('2026-01-01') }]);
});
