import { expect, test } from '@jest/globals';
import { adapters } from '@crossdesk/channels/adapters';
import type { Channel } from '@crossdesk/channels';
import { checkConnection } from './account.domain.ts';

const bytes = Buffer.from('0123456789abcdefghijklmnopqrstuv');
const good = `whsec_${bytes.toString('base64')}`;

function requestOf(credentials: Record<string, string>) {
  return {
    displayName: 'Store',
    externalAccountId: '1',
    credentials: Object.entries(credentials).map(([name, value]) => ({ name, value })),
    apiBaseUrl: 'https://api.example',
    authBaseUrl: null,
    country: null,
  };
}

function problems(channel: Channel, credentials: Record<string, string>, more: object = {}): string[] {
  const request = { ...requestOf(credentials), channel, ...more };
  const checked = checkConnection(adapters[channel].connection, request, null, false);
  return checked.ok ? [] : checked.errors.map(({ code, message }) => `${code} ${message}`);
}

test.each([
  ['a version before the secret', `v1,${good}`],
  ['base64 without its padding', good.replace(/=$/, '')],
  ['no base64', 'whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!='],
  ['one byte', `whsec_${Buffer.from('x').toString('base64')}`],
  ['a kilobyte', `whsec_${Buffer.alloc(1_024).toString('base64')}`],
])('a signing secret that can sign nothing is refused with its rule: %s', (_title, secret) => {
  expect(good.endsWith('=')).toBe(true);
  expect(problems('generic', { signing_secret: good })).toEqual([]);
  expect(problems('generic', { signing_secret: good, signing_secret_previous: secret })).toEqual([
    expect.stringMatching(/^INVALID_INPUT signing_secret_previous must be whsec_ and 24 to 64 bytes in base64/),
  ]);
});

test('credentials of a platform that it could never accept are refused with their rules', () => {
  const app = { partner_id: 'abc', partner_key: 'k' };
  const account = { access_token: 'a', refresh_token: 'r', expires_at: 'yesterday' };
  expect(problems('shopee', { ...app, ...account }, { externalAccountId: 'my shop' })).toEqual([
    'INVALID_INPUT externalAccountId must be a number, digits only.',
    'INVALID_INPUT partner_id must be a number, digits only.',
    'INVALID_INPUT expires_at must be a UTC instant such as 2026-01-02T03:04:05Z, or unix seconds.',
  ]);
  expect(problems('shopee', { ...app, ...account, partner_id: '2001', expires_at: '1767225600' })).toEqual([]);
});

test('a credential that is given twice is refused: nobody knows which one is meant', () => {
  const twice = [
    { name: 'signing_secret', value: good },
    { name: 'signing_secret', value: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
  ];
  expect(problems('generic', {}, { credentials: twice })).toEqual([
    'INVALID_INPUT signing_secret is given more than once: enter it once.',
  ]);
});

test('an address of 120,000 slashes is refused at once', () => {
  const begunAt = performance.now();
  const slashes = `https://api.example${'/'.repeat(120_000)}x`;
  expect(problems('generic', { signing_secret: good }, { apiBaseUrl: slashes })).toEqual([
    expect.stringContaining('apiBaseUrl must be a full address'),
  ]);
  expect(performance.now() - begunAt).toBeLessThan(2_000);
  expect(problems('generic', { signing_secret: good }, { apiBaseUrl: 'https://api.example///' })).toEqual([]);
});

test.each([
  ['https://API.example/"><script>', 'https://api.example/%22%3E%3Cscript%3E'],
  ['https://api.exa\nmple:443/v2//', 'https://api.example/v2'],
  ['https://api.example?', 'https://api.example'],
])('the base URL %j is kept as %s', (apiBaseUrl, kept) => {
  const request = { ...requestOf({ signing_secret: good }), channel: 'generic', apiBaseUrl } as const;
  const checked = checkConnection(adapters.generic.connection, request, null, false);
  expect(checked).toMatchObject({ ok: true, value: { apiBaseUrl: kept, authBaseUrl: kept } });
});
