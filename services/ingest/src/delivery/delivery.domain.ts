import type { Capabilities, SendProblem } from '@crossdesk/channels';
import type { PlatformPosition, SendOutcome } from '@crossdesk/channels/adapters';
import type { DeliveryFailure, DeliveryStatus } from '@crossdesk/contracts';

/** `sending` = claimed by a sender: the platform is being called, or the sender died in the middle. */
export type IntentStatus = DeliveryStatus | 'sending';

const rank: Readonly<Record<IntentStatus, number>> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  failed: 3,
  sent: 4,
  delivered: 5,
  read: 6,
};

/**
 * Whether a report changes what is known. Knowledge only grows: read is never taken back to delivered, and what was
 * delivered did not fail. A failure report may follow `sent`, since platforms accept first and refuse later.
 */
export function isNews(current: IntentStatus, reported: IntentStatus): boolean {
  if (current === reported) return false;
  if (reported === 'failed') return current !== 'delivered' && current !== 'read';
  if (reported === 'queued') return current === 'sending' || current === 'unknown';
  return rank[reported] > rank[current];
}

/** What is reported of a reply that the channel does not take at the moment of sending. */
export function refusedByChannel({ failure, message }: SendProblem): ReportedOutcome {
  return { status: 'failed', failure, detail: message };
}

/** What is reported when an account cannot be used to send. */
export function withoutAccount(account: { readonly status: string } | null): ReportedOutcome {
  return account?.status === 'disabled'
    ? { status: 'failed', failure: 'ACCOUNT_DISABLED', detail: 'the channel account is disabled: connect it again' }
    : {
        status: 'failed',
        failure: 'REAUTHORISE',
        detail: 'the channel account cannot be used now: connect it again with new credentials, then send again',
      };
}

/** What is reported when the channel takes nothing more from the account today. */
export function quotaUsedUp(sendsPerDayMax: number): ReportedOutcome {
  const detail = `this channel takes ${sendsPerDayMax} replies of an account a day (UTC): send it again tomorrow`;
  return { status: 'failed', failure: 'QUOTA', detail };
}

const retryPausesMs = [5_000, 30_000, 120_000, 600_000, 3_600_000];
const triesMax = 8;

/** When to try again after so many tries that certainly executed nothing; null = give up. */
export function retryPause(tries: number, askedForMs: number): number | null {
  if (tries >= triesMax) return null;
  return Math.max(askedForMs, retryPausesMs[Math.min(tries, retryPausesMs.length) - 1] ?? 5_000);
}

/** What became of a reply, as far as the reporter knows. */
export interface ReportedOutcome {
  readonly status: Exclude<IntentStatus, 'sending'>;
  readonly externalMessageId?: string | null;
  readonly failure?: DeliveryFailure;
  readonly detail?: string;
  /** Where the platform puts the message in its thread. */
  readonly position?: PlatformPosition;
  /** For queued and unknown: when to look at it again. */
  readonly dueInMs?: number;
  /** For queued: nothing was tried, or the platform took nothing from this account. It counts as no try and keeps its place. */
  readonly isUntried?: boolean;
  readonly needsPerson?: boolean;
  /** For queued: somebody looked, and the buyer does not have it from any attempt so far. */
  readonly isRefuted?: boolean;
  /**
   * The attempt the reporter speaks of. What a late reporter says of an attempt that is over must not touch the next one,
   * which may be calling the platform now; only that the buyer has the message counts whenever it is learnt.
   */
  readonly attempt?: number;
}

/** A reply as far as its outcome goes. */
export interface KnownOutcome {
  readonly status: IntentStatus;
  readonly attempts: number;
  readonly failure: DeliveryFailure | null;
  readonly detail: string | null;
  readonly externalMessageId: string | null;
  readonly needsPerson: boolean;
  /** Whether its place in the thread of the platform is known. */
  readonly isPlaced: boolean;
  /** Whether some attempt so far may have reached the buyer without anybody knowing. */
  readonly isDoubted: boolean;
}

export interface Settlement {
  readonly after: Omit<KnownOutcome, 'attempts'>;
  /** False when the report adds the platform's id or place and nothing else. */
  readonly isChange: boolean;
  readonly learnsId: boolean;
  readonly isPlacing: boolean;
  /** The report as it counts: one of a failure may have become one of doubt. */
  readonly told: ReportedOutcome;
}

/** What a report makes of what is known; null when it tells nothing new. */
export function decideSettlement(known: KnownOutcome, reported: ReportedOutcome): Settlement | null {
  const report = inDoubtInstead(known, reported);
  if (report.attempt !== undefined && report.attempt !== known.attempts && report.status !== 'sent') return null;
  const learnsId = report.externalMessageId != null && known.externalMessageId === null;
  // Only what is in doubt can be left to a person: a reply that is known to be sent stays so, whatever a later attempt meets.
  const isLeftToPerson = known.status === 'unknown' && report.needsPerson === true && !known.needsPerson;
  const isChange = isNews(known.status, report.status) || (report.status === 'unknown' && isLeftToPerson);
  const isPlacing = report.position !== undefined && !known.isPlaced;
  if (!isChange && !learnsId && !isPlacing) return null;
  const status = isChange ? report.status : known.status;
  const after = {
    status,
    failure: isChange ? (report.failure ?? null) : known.failure,
    detail: isChange ? (report.detail ?? null) : known.detail,
    externalMessageId: known.externalMessageId ?? report.externalMessageId ?? null,
    needsPerson: status === 'unknown' && (report.needsPerson ?? false),
    isPlaced: known.isPlaced || isPlacing,
    isDoubted: isChange && report.isRefuted === true ? false : known.isDoubted || status === 'unknown',
  };
  return { after, isChange, learnsId, isPlacing, told: report };
}

/**
 * An attempt that failed for certain tells nothing of an earlier one that may have reached the buyer: a reply that counted
 * as failed then would be written again, and reach the buyer twice.
 */
function inDoubtInstead(known: KnownOutcome, report: ReportedOutcome): ReportedOutcome {
  if (report.status !== 'failed' || report.attempt === undefined || !known.isDoubted) return report;
  const detail = `${report.detail ?? 'not sent'}; an earlier attempt may have reached the buyer, so a person has to decide`;
  return { status: 'unknown', needsPerson: true, detail, attempt: report.attempt };
}

/** Translates the answer of a platform into what is recorded. */
export function outcomeOfSend(outcome: SendOutcome, tries: number, readBackSettleMs: number): ReportedOutcome {
  switch (outcome.status) {
    case 'accepted':
      return {
        status: 'sent',
        externalMessageId: outcome.externalMessageId,
        ...(outcome.position === undefined ? {} : { position: outcome.position }),
      };
    case 'rejected':
      return { status: 'failed', failure: outcome.failure, detail: outcome.detail };
    case 'unauthorised':
      return { status: 'failed', failure: 'REAUTHORISE', detail: outcome.detail };
    case 'unknown':
      return { status: 'unknown', detail: outcome.detail, dueInMs: readBackSettleMs };
    case 'retry':
      return outcomeOfRetry(tries, outcome.afterMs, outcome.detail);
    case 'limited':
      // The account waits, not the reply: who is behind it in its conversation would wait as long as its tries so far demand.
      return { status: 'queued', detail: outcome.detail, isUntried: true };
  }
}

/** Certainly not executed: again after a pause, until it has been tried often enough. */
export function outcomeOfRetry(tries: number, afterMs: number, detail: string): ReportedOutcome {
  const dueInMs = retryPause(tries, afterMs);
  return dueInMs === null
    ? { status: 'failed', failure: 'GIVEN_UP', detail: `gave up after ${tries} attempts: ${detail}` }
    : { status: 'queued', detail, dueInMs };
}

/** How long a platform that cannot be asked is given before its claim counts as in doubt. */
const settleDefaultMs = 60_000;

/**
 * What to do about a reply whose outcome nobody knows: report something, or read the thread back first. Only a platform
 * that executes a key once is ever asked again unseen.
 */
export function decideDoubt(
  known: Pick<KnownOutcome, 'status' | 'detail'>,
  channel: Pick<Capabilities, 'effectClass' | 'readBackSettleMs'> | null,
): ReportedOutcome | 'read back' {
  if (known.status === 'sending') {
    // Whoever called the platform is gone: give it its time, then look.
    const dueInMs = channel?.readBackSettleMs ?? settleDefaultMs;
    return { status: 'unknown', detail: 'the sender stopped in the middle of the call', dueInMs };
  }
  if (channel === null || channel.effectClass === 'opaque') {
    const detail = `${known.detail ?? 'no answer'}; this channel cannot be asked, so a person has to decide`;
    return { status: 'unknown', detail, needsPerson: true };
  }
  if (channel.effectClass === 'keyed') return { status: 'queued', detail: 'repeated under the same key' };
  return 'read back';
}

/** What is reported when the platform was read back and does not have the reply. */
export const notExecuted: ReportedOutcome = {
  status: 'queued',
  isRefuted: true,
  detail: 'the platform does not have it: sent again',
};
