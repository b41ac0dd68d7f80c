import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { isSigned, sign } from './generic.sign.ts';

describe('Standard Webhooks', () => {
  const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
  const body = '{"type":"ticket.created","timestamp":"2026-01-02T03:04:05Z","data":{"id":"T-1"}}';

  test('the signature equals the vector and that of the reference library', () => {
    const signature = sign(secret, 'msg_demo0001', 1_767_322_800, body);
    expect(signature).toBe('v1,FUV0Tf9Waq/0ohTaXrDJQ7qHfeQa8e3C++ki8cd7NTY=');
    expect(new Webhook(secret).sign('msg_demo0001', new Date(1_767_322_800_000), body)).toBe(signature);
  });

  test('one of several signatures is enough; stale, unsigned and changed messages are refused', () => {
    const good = { id: 'm1', timestamp: '1000000', signature: `v1,AAAA ${sign(secret, 'm1', 1_000_000, body)}` };
    expect(isSigned(secret, good, body, 1_000_300)).toBe(true);
    expect(isSigned(secret, good, body, 1_000_301)).toBe(false);
    expect(isSigned(secret, good, `${body} `, 1_000_000)).toBe(false);
    expect(isSigned(secret, { ...good, id: 'm2' }, body, 1_000_000)).toBe(false);
    expect(isSigned(secret, { ...good, signature: '' }, body, 1_000_000)).toBe(false);
  });
});
