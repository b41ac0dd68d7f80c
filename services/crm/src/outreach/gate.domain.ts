import { capabilitiesOf } from '@crossdesk/channels';
import type { ContactPoint } from '../contact/contact.domain.ts';
import type { EffectiveConsent, Purpose } from '../consent/consent.domain.ts';
import type { Place } from './place.domain.ts';
import { outreachPolicies } from './policy.domain.ts';
import { nextAllowedAt } from './quiet.domain.ts';

export type GateReason =
  | 'ERASED'
  | 'ALREADY_DECIDED'
  | 'GOAL_MET'
  | 'CANCELLED'
  | 'HOLD_OUT'
  | 'OBJECTED'
  | 'NO_CONSENT'
  | 'ADDRESS_SUPPRESSED'
  | 'NO_THREAD'
  | 'UNREACHABLE'
  | 'POLICY'
  | 'WINDOW_CLOSED'
  | 'SKIPPED_WINDOW'
  | 'ASKED_RECENTLY'
  | 'CAP'
  | 'NO_TEXT'
  | 'TOO_LATE';

export type WaitReason = 'PAUSED' | 'QUIET_HOURS';

/** Everything that a decision depends on; nothing else is looked at. */
export interface GateFacts {
  readonly now: Date;
  readonly purpose: Purpose;
  readonly notAfter: Date;
  readonly isErased: boolean;
  /** Whether anyone of the same person was written to about the same subject. */
  readonly isAlreadyDecided: boolean;
  readonly isGoalMet: boolean;
  readonly isCancelled: boolean;
  /** Somebody, or too many failures, paused what it belongs to. */
  readonly isPaused: boolean;
  readonly arm: 'message' | 'hold-out';
  readonly consent: EffectiveConsent;
  readonly isSuppressed: boolean;
  /** The thread on which it would go out. */
  readonly thread: Pick<ContactPoint, 'channel' | 'lastInboundAt' | 'unreachableSince'> | null;
  /** What is left of the window of the channel has to be longer than this; a survey needs the time for an answer. */
  readonly windowMarginMs: number;
  /** A survey, and they were asked within 30 days. */
  readonly isAskedRecently: boolean;
  /** When marketing was sent to the person, on all channels, in the last 7 days. */
  readonly marketingSentAt: readonly Date[];
  /** By whose clocks the hours of the day count. */
  readonly place: Place;
  /** Null: no text fits, or a variable has no value. */
  readonly text: string | null;
}

/** A check, what it was given in words, and whether it lets the message pass. */
export interface GateCheck {
  readonly check: GateReason | WaitReason;
  readonly passed: boolean;
  readonly given: string;
}

export type GateVerdict =
  | { readonly kind: 'send' }
  | { readonly kind: 'suppress'; readonly reason: GateReason }
  /** Until null: until somebody lets it go on. */
  | { readonly kind: 'wait'; readonly until: Date | null; readonly reason: WaitReason };

const hourMs = 3_600_000;
const capHours = 48;
const capWeekMax = 2;
/** Nobody is asked twice within these days, whatever they bought or wrote. */
export const askedDays = 30;
/** How long before the window of a channel closes a survey may go out last. */
export const surveyMarginMs = 10 * 60_000;

/** Whether a message goes out now. The first check that fails is the reason; all of them are told. Pure. */
export function decide(facts: GateFacts): { readonly verdict: GateVerdict; readonly checks: readonly GateCheck[] } {
  const checks = checksOf(facts);
  const failed = checks.find(({ passed }) => !passed);
  if (failed === undefined) return { verdict: { kind: 'send' }, checks };
  const { check } = failed;
  if (check === 'PAUSED') return { verdict: { kind: 'wait', until: null, reason: check }, checks };
  if (check !== 'QUIET_HOURS') return { verdict: { kind: 'suppress', reason: check }, checks };
  const until = nextAllowedAt(facts.now, facts.place);
  if (until > facts.notAfter) return { verdict: { kind: 'suppress', reason: 'TOO_LATE' }, checks };
  return { verdict: { kind: 'wait', until, reason: check }, checks };
}

function checksOf(facts: GateFacts): GateCheck[] {
  const { now, purpose, thread, consent } = facts;
  const isMarketing = purpose === 'marketing';
  const channel = thread?.channel ?? 'none';
  const policy = outreachPolicies.get(channel);
  const last = facts.marketingSentAt.toSorted((a, b) => b.getTime() - a.getTime())[0];
  const isCapped =
    last !== undefined &&
    (now.getTime() - last.getTime() < capHours * hourMs || facts.marketingSentAt.length >= capWeekMax);
  const check = (name: GateCheck['check'], passed: boolean, given: string): GateCheck => ({
    check: name,
    passed,
    given,
  });
  return [
    check('ERASED', !facts.isErased, facts.isErased ? 'the customer was erased' : 'the customer is there'),
    check('CANCELLED', !facts.isCancelled, facts.isCancelled ? 'it was cancelled' : 'it was not cancelled'),
    check('PAUSED', !facts.isPaused, facts.isPaused ? 'its campaign is paused' : 'nothing holds it'),
    check(
      'ALREADY_DECIDED',
      !facts.isAlreadyDecided,
      facts.isAlreadyDecided ? 'the person was written to about it' : 'nobody of the person was written to about it',
    ),
    check('GOAL_MET', !facts.isGoalMet, facts.isGoalMet ? 'it is no longer needed' : 'it is still needed'),
    check('HOLD_OUT', facts.arm === 'message', `the person is in the arm ${facts.arm}`),
    check('OBJECTED', consent !== 'withdrawn', `consent to ${purpose}: ${consent}`),
    check(
      'ADDRESS_SUPPRESSED',
      !facts.isSuppressed,
      facts.isSuppressed ? 'an address is on the list' : 'no address is on the list',
    ),
    check('NO_CONSENT', !isMarketing || consent === 'granted', `consent to ${purpose}: ${consent}`),
    check('NO_THREAD', thread !== null, thread === null ? 'there is no thread' : `a thread on ${channel}`),
    check(
      'UNREACHABLE',
      thread === null || thread.unreachableSince === null,
      `unreachable since ${thread?.unreachableSince?.toISOString() ?? 'never'}`,
    ),
    check('POLICY', policy?.allows.includes(purpose) === true, policy?.source ?? `no policy for ${channel}`),
    check(
      facts.windowMarginMs > 0 ? 'SKIPPED_WINDOW' : 'WINDOW_CLOSED',
      isWindowOpen(facts),
      `the buyer wrote last: ${thread?.lastInboundAt?.toISOString() ?? 'never'}`,
    ),
    check(
      'ASKED_RECENTLY',
      !facts.isAskedRecently,
      facts.isAskedRecently ? `asked within ${askedDays} days` : 'no survey came before',
    ),
    check('CAP', !isMarketing || !isCapped, `marketing in the last 7 days: ${facts.marketingSentAt.length}`),
    check('NO_TEXT', facts.text !== null, facts.text === null ? 'no text fits the buyer' : 'a text fits'),
    check('TOO_LATE', now <= facts.notAfter, `not after ${facts.notAfter.toISOString()}`),
    check(
      'QUIET_HOURS',
      !isMarketing || nextAllowedAt(now, facts.place).getTime() === now.getTime(),
      `by the clocks of ${facts.place.zones.join(', ')}: ${facts.place.basis}`,
    ),
  ];
}

function isWindowOpen({ now, thread, windowMarginMs }: GateFacts): boolean {
  const hours = thread === null ? null : capabilitiesOf(thread.channel).replyWindowHours;
  if (hours === null) return true;
  const at = thread?.lastInboundAt ?? null;
  return at !== null && now.getTime() - at.getTime() < hours * hourMs - windowMarginMs;
}
