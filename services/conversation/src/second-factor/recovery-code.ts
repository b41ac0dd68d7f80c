import { createHash, randomInt } from 'node:crypto';
import type { AgentId, TenantId } from '@crossdesk/contracts';

/** Without letters and digits that look alike. 16 of them are 79 bits: a digest cannot be guessed back. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const lettersOfCode = 16;
const codesAtOnce = 10;

/** New codes as they are shown, once: `abcd-efgh-jkmn-pqrs`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: codesAtOnce }, () => {
    const code = Array.from({ length: lettersOfCode }, () => letters.charAt(randomInt(letters.length))).join('');
    return (code.match(/.{4}/g) ?? []).join('-');
  });
}

/** The stored form of a code of a person, however it is typed. */
export function digestOfCode(
  { tenantId, id }: { readonly tenantId: TenantId; readonly id: AgentId },
  code: string,
): Buffer {
  const plain = code.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return createHash('sha256')
    .update(JSON.stringify([tenantId, id, plain]))
    .digest();
}
