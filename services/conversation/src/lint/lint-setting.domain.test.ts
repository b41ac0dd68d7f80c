import { expect, test } from '@jest/globals';
import { channels } from '@crossdesk/channels';
import { packOf } from '@crossdesk/outgoing-lint';
import { changeRule, loweredIn, noLintSetting } from './lint-setting.domain.ts';

const links = { channel: 'tiktok-shop', rule: 'foreign-link', severity: 'warn', expectedVersion: 0 } as const;

test('there is a pack for every channel', () => {
  expect(channels.filter((channel) => packOf(channel) === null)).toEqual([]);
});

test('a rule is lowered in one channel, once, and raised again', () => {
  const lowered = changeRule(noLintSetting, links);
  if (!lowered.ok) throw new Error('it was refused');
  expect(lowered.value).toEqual({ lowered: [{ channel: 'tiktok-shop', rule: 'foreign-link' }], version: 1 });
  expect([loweredIn(lowered.value, 'tiktok-shop'), loweredIn(lowered.value, 'amazon')]).toEqual([['foreign-link'], []]);
  expect(changeRule(lowered.value, links)).toEqual({ ok: true, value: lowered.value });
  const raised = changeRule(lowered.value, { ...links, severity: 'stop', expectedVersion: 1 });
  expect(raised).toEqual({ ok: true, value: { lowered: [], version: 2 } });
});

test.each([
  ['what contradicts an order', { ...links, rule: 'claim-amount' }, 'INVALID_INPUT'],
  ['a rule that only warns', { ...links, rule: 'marketing' }, 'INVALID_INPUT'],
  ['a rule that the platform does not have', { ...links, channel: 'whatsapp' }, 'INVALID_INPUT'],
  ['a setting that has changed meanwhile', { ...links, expectedVersion: 3 }, 'VERSION_CONFLICT'],
])('%s cannot be lowered', (_, change, code) => {
  expect(changeRule(noLintSetting, change)).toMatchObject({ ok: false, errors: [{ code }] });
});
