import { expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { type RecentUse, staleReasons } from './stale.domain.ts';
import { changedIn } from './variant-place.domain.ts';

const now = new Date('2026-06-01T00:00:00.000Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const words = (version: number, locale: string, text: string) => ({
  version,
  locale,
  market: null,
  channel: null,
  text,
});
const shown = () => ({ id: newId<never>(), isEnabled: true });
const template = {
  variables: [{ name: 'orderNumber' }, { name: 'expectedOn' }],
  fallbackLocales: ['en'],
  variants: ['en', 'de'].map((locale) => ({ ...words(1, locale, ''), ...shown() })),
  createdAt: daysAgo(200),
};
const used: RecentUse = {
  lastSentAt: daysAgo(3),
  decided: 20,
  refusals: new Map([
    ['TURN_TAKEN', 10],
    ['WINDOW_CLOSED', 3],
  ]),
  isSentByRules: false,
  changedIn: changedIn([words(1, 'en', 'a'), words(1, 'de', 'b')]),
};
const kinds = (use: Partial<RecentUse>, createdAt = template.createdAt) =>
  staleReasons({ ...template, createdAt }, { ...used, ...use }, { sources: ['orderNumber'], now }).map(
    ({ kind, about }) => [kind, ...about],
  );

test('a template that is used and whole is not out of date', () => {
  expect(kinds({})).toEqual([]);
});

test.each([
  ['not used for 90 days', { lastSentAt: daysAgo(91) }, [['not-used']]],
  [
    'refused often for a reason of its own',
    { refusals: new Map([['WINDOW_CLOSED', 4]]) },
    [['refused-often', 'WINDOW_CLOSED']],
  ],
  ['refused often, but seldom decided', { decided: 9, refusals: new Map([['WINDOW_CLOSED', 4]]) }, []],
  ['sent by a rule with a variable that nothing gives', { isSentByRules: true }, [['unknown-variable', 'expectedOn']]],
  [
    'changed in its original only',
    { changedIn: changedIn([words(1, 'en', 'a'), words(1, 'de', 'b'), words(3, 'en', 'c'), words(3, 'de', 'b')]) },
    [['original-changed', 'de']],
  ],
  [
    'changed in both',
    { changedIn: changedIn([words(1, 'en', 'a'), words(1, 'de', 'b'), words(3, 'en', 'c'), words(3, 'de', 'd')]) },
    [],
  ],
])('%s', (_, use, expected) => {
  expect(kinds(use)).toEqual(expected);
});

test('a new template has time to be used', () => {
  expect(kinds({ lastSentAt: null }, daysAgo(10))).toEqual([]);
  expect(kinds({ lastSentAt: null })).toEqual([['not-used']]);
});

test('texts with other numbers than the original are named; variables and plurals are no numbers of the text', () => {
  const variants = [
    { ...words(1, 'en', 'Within 14 days: {count, plural, one {# parcel} other {# parcels}}'), ...shown() },
    { ...words(1, 'de', 'Innerhalb von 14 Tagen: {count, plural, one {1 Paket} other {# Pakete}}'), ...shown() },
    { ...words(1, 'fr', 'Sous 30 jours : {count, plural, one {# colis} other {# colis}}'), ...shown() },
  ];
  const found = staleReasons(
    { ...template, variants },
    { ...used, changedIn: changedIn(variants) },
    { sources: ['orderNumber'], now },
  );
  expect(found.map(({ kind, about }) => [kind, ...about])).toEqual([['numbers-differ', 'fr']]);
});
