import { trimSlashes } from '@crossdesk/channels';
import { accept, type Decision } from '@crossdesk/service-kit/decision';
import {
  addressProblems,
  keyCharactersMax,
  type Problem,
  rangeProblems,
  textProblems,
  trimmed,
  wordCharactersMax,
} from '../../engine/connection.domain.ts';
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

const nameCharactersMax = 100;
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
