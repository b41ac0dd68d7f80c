import { refuse, type Refused, refuseText } from '@crossdesk/service-kit/decision';

const nameCharactersMax = 100;
const emailCharactersMax = 254;
const passwordCharactersMin = 12;
const passwordCharactersMax = 200;

export interface PersonInput {
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
}

export function refuseName(field: string, name: string): Refused<'INVALID_INPUT'> | null {
  return refuseText(field, name, nameCharactersMax);
}

export function refusePerson({ displayName, email, password }: PersonInput): Refused<'INVALID_INPUT'> | null {
  return refuseName('displayName', displayName) ?? refuseEmail(email) ?? refusePassword('password', password);
}

function refuseEmail(email: string): Refused<'INVALID_INPUT'> | null {
  const refusal = refuseText('email', email, emailCharactersMax);
  if (refusal !== null || /^[^\s@]+@[^\s@]+$/.test(email.trim())) return refusal;
  return refuse('INVALID_INPUT', 'email', 'email is not an address: write it like name@example.com.');
}

export function refusePassword(field: string, password: string): Refused<'INVALID_INPUT'> | null {
  const length = [...password].length;
  if (length >= passwordCharactersMin && length <= passwordCharactersMax) return null;
  return refuse(
    'INVALID_INPUT',
    field,
    `The password has to have ${passwordCharactersMin} to ${passwordCharactersMax} characters.`,
  );
}

/** Different spellings of an address are the same address. */
export function plainEmail(email: string): string {
  return email.trim().toLowerCase();
}

export function refuseSlug(slug: string): Refused<'INVALID_INPUT'> | null {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(slug)) return null;
  return refuse('INVALID_INPUT', 'workspace', 'The workspace has to be 1 to 63 lower-case letters, digits and dashes.');
}
