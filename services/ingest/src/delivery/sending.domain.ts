import type { AuthorisationLoss } from '@crossdesk/channels/adapters';
import { agreeAgain, type Advice } from '../account/advice.domain.ts';
import type { ReportedOutcome } from './delivery.domain.ts';

/** Why replies of an account wait. */
export type WaitReason = AuthorisationLoss | 'holiday';

/** Whether replies of an account go out, wait, or fail. */
export type Sending =
  | { readonly state: 'open' }
  | {
      readonly state: 'paused';
      readonly reason: WaitReason;
      readonly detail: string | null;
      /** When it ends, or a reply tries again; null: when somebody authorises the account again. */
      readonly until: Date | null;
    }
  | { readonly state: 'stopped'; readonly detail: string | null };

export interface SendPause {
  readonly reason: 'holiday' | 'banned';
  readonly detail: string | null;
  readonly until: Date;
}

interface AccountState {
  readonly status: 'connected' | 'reauthorise' | 'disabled';
  readonly status_reason: string | null;
  readonly loss: AuthorisationLoss | null;
}

/** Whether replies of an account go out now. What only a person can end comes before what ends by itself. */
export function sendingOf(account: AccountState, pauses: readonly SendPause[], now: Date): Sending {
  const { status, status_reason: detail, loss } = account;
  if (status === 'disabled') return { state: 'stopped', detail };
  if (status === 'reauthorise') return { state: 'paused', reason: loss ?? 'refused', detail, until: null };
  const [longest] = pauses.filter(({ until }) => until > now).toSorted((a, b) => b.until.getTime() - a.until.getTime());
  return longest === undefined ? { state: 'open' } : { state: 'paused', ...longest };
}

export const adviceOf: Readonly<Record<WaitReason | 'disabled', Advice>> = {
  expired: agreeAgain,
  revoked: agreeAgain,
  refused: agreeAgain,
  banned: {
    en: 'The platform suspended the store: its owner has to settle this with the platform. A reply tries again every half hour; if the platform took the consent away, authorise the account again afterwards.',
    zh: '平台已暂停该店铺：请店主与平台处理。系统每半小时重试发送；如平台已取消授权，处理后请重新授权该账号。',
  },
  holiday: {
    en: 'The store is closed until the given time; setStoreHoliday opens it earlier.',
    zh: '店铺休假至所示时间；如需提前恢复，请使用 setStoreHoliday。',
  },
  disabled: {
    en: 'An admin stopped the account, and replies fail: connect it again with connectChannelAccount.',
    zh: '管理员已停用该账号，回复会失败：请用 connectChannelAccount 重新连接。',
  },
};

/** A waiting reply is looked at this often, whatever ends the pause in between. */
const lookAgainMs = 300_000;

interface WaitingReply {
  readonly requestedAt: Date;
  /** When the window of its channel closes; null without one. */
  readonly windowClosesAt: Date | null;
}

/**
 * What becomes of a reply whose account cannot send now: it waits, within its window, and for a pause without a known end
 * at most `waitMsMax`. Nothing was tried, so it keeps its tries.
 */
export function decideWait(
  { reason, detail, until }: Extract<Sending, { readonly state: 'paused' }>,
  { requestedAt, windowClosesAt }: WaitingReply,
  { now, waitMsMax }: { readonly now: Date; readonly waitMsMax: number },
): ReportedOutcome {
  const why = `${adviceOf[reason].en}${detail === null ? '' : ` (${detail})`}`;
  if (windowClosesAt !== null && windowClosesAt <= now)
    return {
      status: 'failed',
      failure: 'WINDOW_CLOSED',
      detail: `the window for replies closed while it waited. ${why}`,
    };
  const givenUpAt = reason === 'holiday' ? null : new Date(requestedAt.getTime() + waitMsMax);
  if (givenUpAt !== null && givenUpAt <= now)
    return {
      status: 'failed',
      failure: reason === 'banned' ? 'ACCOUNT_DISABLED' : 'REAUTHORISE',
      detail: `waited ${Math.round(waitMsMax / 3_600_000)} hours. ${why}`,
    };
  const ends = [until, windowClosesAt, givenUpAt].filter((end) => end !== null && end > now);
  const dueInMs = Math.min(lookAgainMs, ...ends.map((end) => (end ?? now).getTime() - now.getTime()));
  return { status: 'queued', isUntried: true, dueInMs, detail: `waits: ${why}` };
}
