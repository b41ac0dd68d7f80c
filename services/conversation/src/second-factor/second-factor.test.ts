import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import { Secret, TOTP } from 'otpauth';
import { digestOfCode, newRecoveryCodes } from './recovery-code.ts';
import { newSecret, otpauthUri, stepOf } from './totp.ts';

const stepMs = 30_000;

/** RFC 6238, appendix B, for SHA-1: the last six of the eight digits. */
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %i seconds the code of the RFC is %s', (seconds, code) => {
  const secret = Secret.fromUTF8('12345678901234567890').base32;
  expect(stepOf(secret, code, new Date(seconds * 1_000))).toBe(Math.floor(seconds / 30));
});

test('a code is good for its own step and one before and behind, and names the step it is of', () => {
  const secret = newSecret();
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.integer({ min: -3, max: 3 }), (timestamp, off) => {
      const at = new Date(timestamp + 3 * stepMs);
      const code = totp.generate({ timestamp: at.getTime() + off * stepMs });
      const step = stepOf(secret, code, at);
      // Another step may have the same code, once in a million.
      if (Math.abs(off) <= 1) expect(step).not.toBeNull();
      else if (step !== null) expect(totp.generate({ timestamp: step * stepMs })).toBe(code);
    }),
  );
});

test('what is no code of six digits is wrong', () => {
  const secret = newSecret();
  for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６'])
    expect(stepOf(secret, code, new Date(0))).toBeNull();
});

test('an app reads the secret, its issuer and the person from the address', () => {
  const uri = new URL(otpauthUri('JBSWY3DPEHPK3PXP', 'ada@shop.example.com'));
  expect(decodeURIComponent(uri.pathname)).toContain('Crossdesk:ada@shop.example.com');
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    issuer: 'Crossdesk',
    secret: 'JBSWY3DPEHPK3PXP',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});

test('recovery codes are all different, are read however they are typed, and belong to one person', () => {
  const [who, other] = [
    { tenantId: newId<TenantId>(), id: newId<AgentId>() },
    { tenantId: newId<TenantId>(), id: newId<AgentId>() },
  ];
  const codes = Array.from({ length: 100 }, newRecoveryCodes).flat();
  expect(new Set(codes).size).toBe(1_000);
  for (const code of codes) {
    expect(code).toMatch(/^([a-hj-km-np-z2-9]{4}-){3}[a-hj-km-np-z2-9]{4}$/);
    const typed = ` ${code.toUpperCase().replaceAll('-', ' ')}`;
    expect(digestOfCode(who, typed)).toEqual(digestOfCode(who, code));
    expect(digestOfCode(other, code)).not.toEqual(digestOfCode(who, code));
  }
});
