import type { Capabilities, SendProblem } from '@crossdesk/channels';
import type { PlatformPosition, SendOutcome } from '@crossdesk/channels/adapters';
import type { DeliveryFailure, DeliveryStatus } from '@crossdesk/contracts';

/** `sending` = claimed by a sender: the platform is being called, or the sender died during the call. */
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
 * Whether a report changes the known status. Certain knowledge is never taken back: `read` never becomes `delivered`
 * again, and a delivered reply did not fail. `failed` may follow `sent`, since platforms accept first and refuse later.
 */
export function isNews(current: IntentStatus, reported: IntentStatus): boolean {
  if (current === reported) return false;
  if (reported === 'failed') return current !== 'delivered' && current !== 'read';
  if (reported === 'queued') return current === 'sending' || current === 'unknown';
  return rank[reported] > rank[current];
}

/** The report on a reply that the channel does not accept at the time of sending. */
export function refusedByChannel({ failure, message }: SendProblem): ReportedOutcome {
  return { status: 'failed', failure, detail: message };
}

/** The report when an account cannot be used to send, and the reply does not wait for it. */
export function withoutAccount(account: { readonly status: string } | null): ReportedOutcome {
  return account?.status === 'disabled'
    ? { status: 'failed', failure: 'ACCOUNT_DISABLED', detail: 'the channel account is disabled: connect it again' }
    : {
        status: 'failed',
        failure: 'REAUTHORISE',
        detail: 'the channel account cannot be used now: connect it again with new credentials, then send again',
      };
}

/** The report when the channel accepts no more replies of the account today. */
export function quotaUsedUp(sendsPerDayMax: number): ReportedOutcome {
  const detail = `this channel takes ${sendsPerDayMax} replies of an account a day (UTC): send it again tomorrow`;
  return { status: 'failed', failure: 'QUOTA', detail };
}

const retryPausesMs = [5_000, 30_000, 120_000, 600_000, 3_600_000];
const triesMax = 8;

/** The pause after this many tries that certainly executed nothing; null = give up. */
export function retryPause(tries: number, askedForMs: number): number | null {
  if (tries >= triesMax) return null;
  return Math.max(askedForMs, retryPausesMs[Math.min(tries, retryPausesMs.length) - 1] ?? 5_000);
}

/** The outcome of a reply, as far as the reporter knows. */
export interface ReportedOutcome {
  readonly status: Exclude<IntentStatus, 'sending'>;
  readonly externalMessageId?: string | null;
  readonly failure?: DeliveryFailure;
  readonly detail?: string;
  /** The place of the message in the platform's thread. */
  readonly position?: PlatformPosition;
  /** For queued and unknown: the time until it is looked at again. */
  readonly dueInMs?: number;
  /**
   * For queued: nothing was tried, or the platform accepts nothing from this account now. It does not count as a try
   * and keeps its place, unless `dueInMs` says when to look again.
   */
  readonly isUntried?: boolean;
  readonly needsPerson?: boolean;
  /** For queued: it was checked that no attempt so far reached the buyer. */
  readonly isRefuted?: boolean;
  /**
   * The attempt the report is about. A late report on an earlier attempt must not change the next one, which may be
   * calling the platform now. Only `sent` counts whenever it arrives.
   */
  readonly attempt?: number;
}

/** What is known of the outcome of a reply. */
export interface KnownOutcome {
  readonly status: IntentStatus;
  readonly attempts: number;
  readonly failure: DeliveryFailure | null;
  readonly detail: string | null;
  readonly externalMessageId: string | null;
  readonly needsPerson: boolean;
  /** Whether its place in the thread of the platform is known. */
  readonly isPlaced: boolean;
  /** Whether some attempt so far may have reached the buyer without a confirmation. */
  readonly isDoubted: boolean;
}

export interface Settlement {
  readonly after: Omit<KnownOutcome, 'attempts'>;
  /** False when the report only adds the platform's id or place. */
  readonly isChange: boolean;
  readonly learnsId: boolean;
  readonly isPlacing: boolean;
  /** The effective report: `failed` may have become `unknown`. */
  readonly told: ReportedOutcome;
}

/** The state after a report; null when the report contains nothing new. */
export function decideSettlement(known: KnownOutcome, reported: ReportedOutcome): Settlement | null {
  const report = inDoubtInstead(known, reported);
  if (report.attempt !== undefined && report.attempt !== known.attempts && report.status !== 'sent') return null;
  const learnsId = report.externalMessageId != null && known.externalMessageId === null;
  // Only a reply in doubt can be left to a person: one that is known to be sent stays sent, whatever happens to a later
  // attempt.
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
 * A certain failure of one attempt says nothing about an earlier attempt that may have reached the buyer. If the reply
 * counted as failed, somebody would write it again and it could reach the buyer twice.
 */
function inDoubtInstead(known: KnownOutcome, report: ReportedOutcome): ReportedOutcome {
  if (report.status !== 'failed' || report.attempt === undefined || !known.isDoubted) return report;
  const detail = `${report.detail ?? 'not sent'}; an earlier attempt may have reached the buyer, so a person has to decide`;
  return { status: 'unknown', needsPerson: true, detail, attempt: report.attempt };
}

/** Translates the platform's answer into the outcome to record. */
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
      // The account waits, not the reply: a pause of the reply, which grows with its tries, would also delay the
      // replies behind it in the conversation.
      return { status: 'queued', detail: outcome.detail, isUntried: true };
  }
}

/** For a send that was certainly not executed: try again after a pause, up to the largest number of tries. */
export function outcomeOfRetry(tries: number, afterMs: number, detail: string): ReportedOutcome {
  const dueInMs = retryPause(tries, afterMs);
  return dueInMs === null
    ? { status: 'failed', failure: 'GIVEN_UP', detail: `gave up after ${tries} attempts: ${detail}` }
    : { status: 'queued', detail, dueInMs };
}

/** How long to wait before a claim counts as in doubt, if the channel does not say. */
const settleDefaultMs = 60_000;

/**
 * What to do with a reply of unknown outcome: report something, or read the thread back first. A reply is sent again
 * without reading back only if the platform executes each key once.
 */
export function decideDoubt(
  known: Pick<KnownOutcome, 'status' | 'detail'>,
  channel: Pick<Capabilities, 'effectClass' | 'readBackSettleMs'> | null,
): ReportedOutcome | 'read back' {
  if (known.status === 'sending') {
    // The process that called the platform is gone: wait until the platform has had its time, then look.
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

/** The report when the thread was read back and does not contain the reply. */
export const notExecuted: ReportedOutcome = {
  status: 'queued',
  isRefuted: true,
  detail: 'the platform does not have it: sent again',
};
