import {
  type Capabilities,
  type DeliveryFailure,
  type DeliveryStatus,
  findSendProblem,
  type MessageContent,
} from '@crossdesk/contracts';

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

export interface Impediment {
  readonly failure: DeliveryFailure;
  readonly detail: string;
}

/**
 * Why the channel would not take this reply now; null when nothing is known to stand in the way. The same was asked before
 * the reply was accepted: here the window may have closed meanwhile.
 */
export function findImpediment(
  capabilities: Capabilities,
  account: { readonly status: string },
  reply: { readonly content: MessageContent; readonly lastInboundAt: Date | null },
  now: Date,
): Impediment | null {
  if (account.status === 'disabled')
    return { failure: 'ACCOUNT_DISABLED', detail: 'the channel account is disabled: connect it again' };
  const problem = findSendProblem(capabilities, reply, now);
  switch (problem?.code) {
    case 'KIND_NOT_SUPPORTED':
      return {
        failure: 'UNSUPPORTED',
        detail: `this channel sends ${capabilities.sends.join(', ')}, not ${problem.kind}`,
      };
    case 'TEXT_TOO_LONG':
      return {
        failure: 'INVALID_REQUEST',
        detail: `longer than the ${problem.charactersMax} characters this channel takes: split it`,
      };
    case 'WINDOW_CLOSED':
      return {
        failure: 'WINDOW_CLOSED',
        detail: `the buyer last wrote more than ${problem.hours} hours ago: he has to write first`,
      };
    default:
      return null;
  }
}

const retryPausesMs = [5_000, 30_000, 120_000, 600_000, 3_600_000];
const attemptsMax = 8;

/** When to try again after a certain non-execution; null = give up. */
export function retryPause(attempts: number, askedForMs: number): number | null {
  if (attempts >= attemptsMax) return null;
  return Math.max(askedForMs, retryPausesMs[Math.min(attempts, retryPausesMs.length) - 1] ?? 5_000);
}
