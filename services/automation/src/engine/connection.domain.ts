import { isBlank, type UserError } from '@crossdesk/service-kit/decision';

/** Checks of what people enter to connect an engine or a model. */
export type Problem = UserError<'INVALID_INPUT' | 'URL_FORBIDDEN'>;

export const keyCharactersMax = 8_000;
export const wordCharactersMax = 200;
const addressCharactersMax = 2_000;

export function trimmed(text: string | null): string | null {
  return text === null || isBlank(text) ? null : text.trim();
}

export function invalid(field: string, message: string): Problem {
  return { code: 'INVALID_INPUT', message, path: ['input', field] };
}

export function textProblems(field: string, text: string | null, charactersMax: number, isNeeded: boolean): Problem[] {
  if (text === null || isBlank(text))
    return isNeeded ? [invalid(field, `${field} is missing: this kind of engine needs it.`)] : [];
  if (text.length <= charactersMax) {
    // Printable characters only: keys and regions travel in headers.
    if (field === 'displayName' || /^[\x20-\x7e\n\r]*$/.test(text)) return [];
    return [invalid(field, `${field} has characters that cannot be sent: copy it again.`)];
  }
  return [invalid(field, `${field} has ${text.length} characters; at most ${charactersMax} are allowed.`)];
}

export function rangeProblems(field: string, value: number, min: number, max: number): Problem[] {
  return value >= min && value <= max ? [] : [invalid(field, `${field} must be between ${min} and ${max}.`)];
}

/** The host name is checked here; the address it resolves to is checked when a call is made. */
export function addressProblems(text: string, allowPrivateAddresses: boolean): Problem[] {
  if (text.length > addressCharactersMax || !URL.canParse(text))
    return [invalid('baseUrl', 'baseUrl must be a full address such as https://translate.example.com')];
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || (allowPrivateAddresses && url.protocol === 'http:');
  if (isWeb && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return [];
  const message = 'baseUrl must begin with https:// and have no user name, query or fragment.';
  return [{ code: 'URL_FORBIDDEN', message, path: ['input', 'baseUrl'] }];
}
