import { createHmac, randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { type RequestContext, signContext, verifyContext } from '../src/caller/request-context.ts';

const key = { current: Buffer.alloc(32, 5), previous: null };
const now = new Date('2026-03-01T12:00:00.000Z');
const body = '{"query":"{ me { id } }"}';
const context: RequestContext = {
  caller: { kind: 'agent', tenantId: newId(), agentId: newId(), role: 'agent', authenticatedAtMs: 0 },
  requestId: newId(),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  clientAddress: '203.0.113.7',
  userAgent: 'curl/8.5.0',
};
const signed = signContext(key, context, body, now);
const later = (ms: number) => new Date(now.getTime() + ms);

test('a signed context is read back, for 30 seconds', () => {
  expect(verifyContext(key, signed, body, now)).toEqual(context);
  expect(verifyContext(key, signed, body, later(30_000))).toEqual(context);
  expect(verifyContext(key, signed, body, later(30_001))).toBeNull();
});

test('it is valid for no other body and no other key', () => {
  expect(verifyContext(key, signed, `${body} `, now)).toBeNull();
  expect(verifyContext(key, signed, '', now)).toBeNull();
  expect(verifyContext({ current: Buffer.alloc(32, 6), previous: null }, signed, body, now)).toBeNull();
});

test('while the master secret changes, what the previous key signed is valid', () => {
  const changing = { current: Buffer.alloc(32, 6), previous: key.current };
  expect(verifyContext(changing, signed, body, now)).toEqual(context);
  expect(verifyContext(key, signContext(changing, context, body, now), body, now)).toBeNull();
});

test('a caller changed to admin, with the old signature, is refused', () => {
  const [payload = '', signature = ''] = signed.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { caller: object };
  const forged = Buffer.from(JSON.stringify({ ...claims, caller: { ...claims.caller, role: 'admin' } })).toString(
    'base64url',
  );
  expect(verifyContext(key, `${forged}.${signature}`, body, now)).toBeNull();
  const own = createHmac('sha256', Buffer.alloc(32, 1)).update(forged).digest('base64url');
  expect(verifyContext(key, `${forged}.${own}`, body, now)).toBeNull();
});

test('malformed headers are refused without an error', () => {
  const [payload = '', signature = ''] = signed.split('.');
  const malformed = [
    undefined,
    '',
    '.',
    '..',
    'x',
    `${payload}.`,
    `.${signature}`,
    `${signed}.${signature}`,
    `${payload}..${signature}`,
  ];
  malformed.push(
    `${payload}.${signature.slice(0, -4)}`,
    '{"caller":{"kind":"agent"}}',
    'a.b',
    '\u0000.\u0000',
    'x'.repeat(100_000),
  );
  for (const header of malformed) expect(verifyContext(key, header, body, now)).toBeNull();
});

test('no change of one character passes for another context', () => {
  const readings: (RequestContext | null)[] = [];
  for (let change = 0; change < 1_000; change += 1) {
    const at = randomInt(signed.length);
    const to = String.fromCharCode(randomInt(33, 127));
    const changed = `${signed.slice(0, at)}${to}${signed.slice(at + 1)}`;
    readings.push(verifyContext(key, changed, body, now));
  }
  // The last character of base64url has unused bits, so a few spellings mean the same bytes.
  for (const reading of readings) expect([null, context]).toContainEqual(reading);
});
