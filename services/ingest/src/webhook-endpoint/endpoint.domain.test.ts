import { expect, test } from '@jest/globals';
import { type ChannelAccountId, newId } from '@crossdesk/contracts';
import { checkEndpoint, type EndpointInput, wants } from './endpoint.domain.ts';

const account = newId<ChannelAccountId>();
const input: EndpointInput = {
  url: 'https://hooks.example.com/crossdesk?team=1',
  description: 'Warehouse',
  eventTypes: ['ingest.*'],
  accountIds: [],
  isEnabled: true,
};

function codesOf(change: Partial<EndpointInput>, allowPrivateAddresses = false) {
  const checked = checkEndpoint({ ...input, ...change }, allowPrivateAddresses);
  return checked.ok ? [] : checked.errors.map(({ code, path }) => `${code} ${path.join('.')}`);
}

test.each([
  ['http://hooks.example.com/', 'URL_FORBIDDEN input.url'],
  ['https://hooks.example.com:8443/', 'URL_FORBIDDEN input.url'],
  ['https://me:secret@hooks.example.com/', 'URL_FORBIDDEN input.url'],
  ['ftp://hooks.example.com/', 'URL_FORBIDDEN input.url'],
  ['hooks.example.com', 'INVALID_INPUT input.url'],
])('refuses the address %s', (url, problem) => {
  expect(codesOf({ url })).toEqual([problem]);
});

test('takes a usual address, and one of this machine only where that is configured', () => {
  expect(codesOf({})).toEqual([]);
  expect(codesOf({ url: 'http://127.0.0.1:8080/' }, true)).toEqual([]);
});

test('names every problem at once, and types that do not exist', () => {
  expect(codesOf({ description: ' ', eventTypes: ['ingest.unheard', '*'] })).toEqual([
    'INVALID_INPUT input.description',
    'INVALID_INPUT input.eventTypes',
  ]);
  expect(codesOf({ eventTypes: [] })).toEqual(['INVALID_INPUT input.eventTypes']);
});

test.each([
  [['*'], [], null, true],
  [['ingest.*'], [], null, true],
  [['ingest.order-updated'], [], account, true],
  [['ingest.order'], [], account, false],
  [['conversation.*'], [], account, false],
  [['*'], [account], account, true],
  [['*'], [account], newId<ChannelAccountId>(), false],
  [['*'], [account], null, false],
])('types %j and accounts %j take an order of the account %s: %s', (event_types, account_ids, of, expected) => {
  expect(wants({ event_types, account_ids }, 'ingest.order-updated', of)).toBe(expected);
});
