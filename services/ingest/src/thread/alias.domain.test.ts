import { expect, test } from '@jest/globals';
import type { ThreadAlias } from '@crossdesk/channels/adapters';
import { type ChannelAccountId, type ConversationId, firstIdAt, newId, type TenantId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { aliasKey, type KnownAliases, placeThreads } from './alias.domain.ts';

const tenantId = newId<TenantId>();
const accountId = newId<ChannelAccountId>();
const day = (n: number) => new Date(Date.UTC(2026, 0, n));
const threadOf = (at: Date, n: number) => firstIdAt(at).replace(/.{2}$/, String(n).padStart(2, '0')) as ConversationId;
const [one, other] = [threadOf(day(1), 1), threadOf(day(2), 2)];

const aliasesOf = (ids: Record<string, ThreadAlias['standing']>) =>
  Object.entries(ids).map(([id, standing]): ThreadAlias => ({ id, standing }));
const told = (ids: Record<string, ThreadAlias['standing']>, at = day(3)) => ({
  tenantId,
  accountId,
  aliases: aliasesOf(ids),
  occurredAt: at,
});
const known = (ids: Record<string, ConversationId>, anchored: ConversationId[] = []): KnownAliases => ({
  owners: new Map(Object.entries(ids).map(([id, owner]) => [aliasKey(accountId, id), owner])),
  anchored: new Set(anchored),
});
const fresh = () => {
  let made = 10;
  return () => threadOf(day(9), (made += 1));
};
const place = (messages: ReturnType<typeof told>[], state: KnownAliases) => {
  const { conversationIds, claims, joins } = placeThreads(messages, state, fresh());
  return {
    conversationIds,
    joins: joins.map(({ from, into }) => [from, into]),
    claims: Object.fromEntries(claims.map(({ id, conversationId }) => [id, conversationId])),
  };
};

test('phone, then phone and user id, then user id only are one thread, in one batch or in three', () => {
  const batch = [told({ p: 'lent' }), told({ u: 'own', p: 'lent' }), told({ u: 'own' })];
  const made = threadOf(day(9), 11);
  expect(place(batch, known({}))).toEqual({
    conversationIds: [made, made, made],
    joins: [],
    claims: { p: made, u: made },
  });
  expect(place(batch.slice(1), known({ p: one }))).toEqual({
    conversationIds: [one, one],
    joins: [],
    claims: { u: one },
  });
  expect(place(batch.slice(2), known({ p: one, u: one }, [one]))).toEqual({
    conversationIds: [one],
    joins: [],
    claims: {},
  });
});

test('two threads that a message names together are joined into the older one', () => {
  const both = told({ u: 'own', v: 'own' });
  expect(place([told({ v: 'own' }), both], known({ u: one, v: other }, [one, other]))).toEqual({
    conversationIds: [one, one],
    joins: [[other, one]],
    claims: {},
  });
  expect(place([told({ p: 'lent' }), told({ u: 'own' }), told({ u: 'own', p: 'lent' })], known({})).joins).toEqual([]);
});

test('a number that was given to somebody else leads to their thread from then on, and joins nothing', () => {
  const state = known({ u: one, p: one }, [one]);
  expect(place([told({ w: 'own', p: 'lent' }), told({ p: 'lent' })], state)).toEqual({
    conversationIds: [threadOf(day(9), 11), threadOf(day(9), 11)],
    joins: [],
    claims: { w: threadOf(day(9), 11), p: threadOf(day(9), 11) },
  });
});

test('a changed number is one buyer; an older thread with the new number was somebody else’s', () => {
  const changed = told({ old: 'held', new: 'taken' });
  expect(place([changed, told({ new: 'lent' })], known({ old: one }))).toMatchObject({ conversationIds: [one, one] });
  expect(place([changed], known({ old: one, new: threadOf(day(3), 3) })).joins).toEqual([[threadOf(day(3), 3), one]]);
  const late = told({ old: 'held', new: 'taken' }, day(20));
  expect(place([late], known({ old: other, new: one }))).toEqual({
    conversationIds: [other],
    joins: [],
    claims: { new: other },
  });
});

test('ids of one buyer end in one thread, in any order and cut into any batches', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const messages = fc.array(fc.subarray(ids, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 5 }), (named, size) => {
      const owners = new Map<string, ConversationId>();
      const createId = fresh();
      const into = new Map<ConversationId, ConversationId>();
      const placed: ConversationId[] = [];
      for (let i = 0; i < named.length; i += size) {
        const batch = named
          .slice(i, i + size)
          .map((some) => told(Object.fromEntries(some.map((id) => [id, 'own' as const]))));
        const result = placeThreads(batch, { owners, anchored: new Set(owners.values()) }, createId);
        for (const claim of result.claims) owners.set(aliasKey(accountId, claim.id), claim.conversationId);
        for (const join of result.joins) {
          into.set(join.from, join.into);
          for (const [key, owner] of owners) if (owner === join.from) owners.set(key, join.into);
        }
        placed.push(...result.conversationIds);
      }
      const last = (id: ConversationId): ConversationId => {
        const next = into.get(id);
        return next === undefined ? id : last(next);
      };
      for (const [index, some] of named.entries())
        for (const id of some) expect(owners.get(aliasKey(accountId, id))).toBe(last(placed[index] ?? one));
    }),
  );
});
