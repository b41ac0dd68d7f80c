import { trimSlashes } from '@crossdesk/channels';
import { accept, type Decision, isBlank, type UserError } from '@crossdesk/service-kit/decision';
import type { EngineKind, EngineRecord } from '../engines/engine.port.ts';

export interface ProviderRequest {
  readonly kind: EngineKind;
  readonly displayName: string;
  readonly baseUrl: string | null;
  readonly apiKey: string | null;
  readonly region: string | null;
  readonly model: string | null;
  readonly position: number;
  readonly charactersPerDayMax: number | null;
}

export interface CheckedProvider extends ProviderRequest {
  readonly baseUrl: string;
}

type Problem = UserError<'INVALID_INPUT' | 'URL_FORBIDDEN'>;

const nameCharactersMax = 100;
const keyCharactersMax = 8_000;
const wordCharactersMax = 200;
const addressCharactersMax = 2_000;
const positionMax = 1_000;

/** Checks what a person enters; all problems are named at once. */
export function checkProvider(
  record: EngineRecord,
  request: ProviderRequest,
  allowPrivateAddresses: boolean,
): Decision<CheckedProvider, Problem['code']> {
  const baseUrl = trimSlashes((request.baseUrl ?? record.baseUrl ?? '').trim());
  const { needs } = record;
  const errors = [
    ...textProblems('displayName', request.displayName, nameCharactersMax, true),
    ...addressProblems(baseUrl, allowPrivateAddresses),
    ...textProblems('apiKey', request.apiKey, keyCharactersMax, needs.apiKey),
    ...textProblems('region', request.region, wordCharactersMax, needs.region),
    ...textProblems('model', request.model, wordCharactersMax, needs.model),
    ...rangeProblems('position', request.position, 0, positionMax),
    ...rangeProblems('charactersPerDayMax', request.charactersPerDayMax ?? 1, 1, 2_000_000_000),
  ];
  if (errors.length > 0) return { ok: false, errors };
  return accept({
    ...request,
    displayName: request.displayName.trim(),
    baseUrl,
    apiKey: trimmed(request.apiKey),
    region: trimmed(request.region),
    model: trimmed(request.model),
  });
}

function trimmed(text: string | null): string | null {
  return text === null || isBlank(text) ? null : text.trim();
}

function invalid(field: string, message: string): Problem {
  return { code: 'INVALID_INPUT', message, path: ['input', field] };
}

function textProblems(field: string, text: string | null, charactersMax: number, isNeeded: boolean): Problem[] {
  if (text === null || isBlank(text))
    return isNeeded ? [invalid(field, `${field} is missing: this kind of engine needs it.`)] : [];
  if (text.length <= charactersMax) {
    // Printable characters only: keys and regions travel in headers.
    if (field === 'displayName' || /^[\x20-\x7e\n\r]*$/.test(text)) return [];
    return [invalid(field, `${field} has characters that cannot be sent: copy it again.`)];
  }
  return [invalid(field, `${field} has ${text.length} characters; at most ${charactersMax} are allowed.`)];
}

function rangeProblems(field: string, value: number, min: number, max: number): Problem[] {
  return value >= min && value <= max ? [] : [invalid(field, `${field} must be between ${min} and ${max}.`)];
}

/** The host name is checked here; the address it resolves to is checked when a call is made. */
function addressProblems(text: string, allowPrivateAddresses: boolean): Problem[] {
  if (text.length > addressCharactersMax || !URL.canParse(text))
    return [invalid('baseUrl', 'baseUrl must be a full address such as https://translate.example.com')];
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || (allowPrivateAddresses && url.protocol === 'http:');
  if (isWeb && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return [];
  const message = 'baseUrl must begin with https:// and have no user name, query or fragment.';
  return [{ code: 'URL_FORBIDDEN', message, path: ['input', 'baseUrl'] }];
}
