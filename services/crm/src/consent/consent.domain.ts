import type { AgentId, CustomerId, DecisionId, TenantId } from '@crossdesk/contracts';
import { refuse, type Refused } from '@crossdesk/service-kit/decision';

/** service: about what they bought; marketing: anything else. */
export type Purpose = 'service' | 'marketing';
export const purposes: readonly Purpose[] = ['service', 'marketing'];

export type ConsentBasis = 'opt-in' | 'soft-opt-in' | 'told-to-a-person' | 'word-of-buyer';
export type ConsentState = 'granted' | 'withdrawn';
/** unknown: they neither agreed nor objected. */
export type EffectiveConsent = ConsentState | 'unknown';

export interface Consent {
  readonly tenantId: TenantId;
  /** UUIDv7: the latest is the greatest. */
  readonly id: DecisionId;
  readonly profileId: CustomerId;
  readonly purpose: Purpose;
  readonly state: ConsentState;
  readonly basis: ConsentBasis;
  readonly wording: string | null;
  readonly evidence: string | null;
  readonly recordedAt: Date;
  readonly recordedBy: AgentId | null;
}

/**
 * What counts for a person with several profiles: the latest word of each profile, and an objection of any of them
 * outweighs the agreement of another.
 */
export function effectiveOf(consents: readonly Pick<Consent, 'id' | 'profileId' | 'state'>[]): EffectiveConsent {
  const latest = new Map<CustomerId, Pick<Consent, 'id' | 'state'>>();
  for (const one of consents) {
    const known = latest.get(one.profileId);
    if (known === undefined || known.id < one.id) latest.set(one.profileId, one);
  }
  const states = [...latest.values()].map(({ state }) => state);
  if (states.includes('withdrawn')) return 'withdrawn';
  return states.includes('granted') ? 'granted' : 'unknown';
}

/** What ends messages on SMS and WhatsApp (CTIA, Meta), in the languages of the markets we know. A whole message, no part. */
const words = new Set([
  ...['stop', 'stop all', 'stopall', 'unsubscribe', 'opt out', 'optout'],
  ...['parar', 'sair', 'descadastrar', 'baja', 'arret', 'arrêt', 'desabonner', 'abmelden', 'stopp'],
  ...['退订', '退訂', '配信停止', '수신거부', 'berhenti', 'hủy', 'ยกเลิก', 'отписаться', 'td'],
]);

/** Whether a message says nothing but that its author wants no more of them. */
export function isOptOut(text: string): boolean {
  const said = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\p{P}\p{S}\s]+/gu, ' ')
    .trim();
  return words.has(said);
}

const charactersMax = 2_000;

/** An agreement needs the words that were agreed to: without them nobody can prove it. */
export function refuseConsent({
  state,
  wording,
  evidence,
}: Pick<Consent, 'state' | 'wording' | 'evidence'>): Refused<'INVALID_INPUT'> | null {
  if (state === 'granted' && (wording ?? '').trim() === '')
    return refuse('INVALID_INPUT', 'wording', 'Say what the buyer agreed to: an agreement needs its wording.');
  for (const [field, text] of Object.entries({ wording, evidence })) {
    if ((text ?? '').length > charactersMax)
      return refuse('INVALID_INPUT', field, `${field} has more than ${charactersMax} characters: shorten it.`);
  }
  return null;
}
