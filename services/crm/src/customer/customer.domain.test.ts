import { expect, test } from '@jest/globals';
import {
  type Buyer,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { type KnownCustomer, planCustomers, type Sighting } from './customer.domain.ts';
import { identitiesOf, identityKey } from './identity.domain.ts';

const tenantId = newId<TenantId>();
const accountId = newId<ChannelAccountId>();
const nobody: Buyer = {
  externalId: 'b',
  commerceId: null,
  name: null,
  phone: null,
  email: null,
  avatarUrl: null,
  locale: null,
};

function sighting(buyer: Partial<Buyer>, at = '2026-01-01', conversationId = newId<ConversationId>()): Sighting {
  const seenAt = new Date(at);
  return {
    tenantId,
    identities: identitiesOf(tenantId, accountId, conversationId, { ...nobody, ...buyer }),
    profile: {
      displayName: buyer.name ?? null,
      locale: null,
      avatarUrl: null,
      profiledAt: seenAt,
      firstSeenAt: seenAt,
    },
  };
}

function known(id: string, ...sightings: Sighting[]): [string, KnownCustomer][] {
  const [first] = sightings;
  if (first === undefined) return [];
  const customer = { id: id as CustomerId, ...first.profile };
  return sightings.flatMap((one) =>
    one.identities.map((identity): [string, KnownCustomer] => [identityKey(identity), customer]),
  );
}

const nextId = () => newId<CustomerId>();

test('buyers who share a phone or a mail address are one new customer', () => {
  const plan = planCustomers(
    [
      sighting({ externalId: 'a', phone: '5511987654321' }),
      sighting({ externalId: 'b', phone: '5511987654321', email: 'Ana@Example.com ' }),
      sighting({ externalId: 'c', email: 'ana@example.com' }),
      sighting({ externalId: 'd' }),
    ],
    new Map(),
    nextId,
  );
  expect(plan.created).toHaveLength(2);
  expect(new Set(plan.added.map((one) => one.customerId)).size).toBe(2);
});

test.each([
  'a***@x.com',
  'k3v9+b2@marketplace.amazon.de',
  'k3v9@marketplace.amazon.co.uk',
  'ana.17@members.ebay.com',
  '9F2@relay.walmart.com',
])('a masked or lent mail address identifies nobody: %s', (email) => {
  const sightings = [sighting({ externalId: 'a', email }), sighting({ externalId: 'b', email })];
  expect(planCustomers(sightings, new Map(), nextId).created).toHaveLength(2);
});

test('a mailbox of Google has two domains, and dots or suffixes of it are no proof', () => {
  const created = (emails: string[]) =>
    planCustomers(
      emails.map((email, i) => sighting({ externalId: `${i}`, email })),
      new Map(),
      nextId,
    ).created.length;
  expect(created(['a.na+x@googlemail.com', 'A.na+x@gmail.com'])).toBe(1);
  expect(created(['a.na+x@gmail.com', 'ana@gmail.com'])).toBe(2);
  expect(created(['ana@amazon.de', 'ana@amazon.de'])).toBe(1);
});

test('a message that belongs to two customers shows that they are one: the oldest stays', () => {
  const byPhone = sighting({ externalId: 'a', phone: '5511987654321' });
  const byMail = sighting({ externalId: 'b', email: 'ana@example.com' });
  const both = sighting({ externalId: 'a', email: 'ana@example.com' });
  const plan = planCustomers([both], new Map([...known('1', byPhone), ...known('2', byMail)]), nextId);
  expect(plan.merged).toEqual([{ tenantId, from: '2', into: '1' }]);
  expect(plan.created).toEqual([]);
});

test('a message that brings nothing new writes nothing', () => {
  const conversationId = newId<ConversationId>();
  const first = sighting({ name: 'Ana' }, '2026-01-01', conversationId);
  const again = sighting({ name: 'Ana' }, '2026-02-01', conversationId);
  expect(planCustomers([again], new Map(known('1', first)), nextId)).toEqual({
    created: [],
    changed: [],
    added: [],
    merged: [],
  });
});

test('the latest name is kept, a missing name removes none, and the first sighting may arrive late', () => {
  const conversationId = newId<ConversationId>();
  const first = sighting({ name: 'Ana' }, '2026-02-01', conversationId);
  const renamed = sighting({ name: 'Ana Maria' }, '2026-03-01', conversationId);
  const nameless = sighting({}, '2026-04-01', conversationId);
  const late = sighting({ name: 'A.' }, '2026-01-01', conversationId);
  const plan = planCustomers([renamed, nameless, late], new Map(known('1', first)), nextId);
  expect(plan.changed).toMatchObject([{ id: '1', displayName: 'Ana Maria', firstSeenAt: new Date('2026-01-01') }]);
});
