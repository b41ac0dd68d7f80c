import type { CalendarId, ChannelAccountId, SlaPolicyId, TenantId } from '@crossdesk/contracts';
import { type CustomerMarks, type CustomerWish, meetsWish } from '../customer-mark/customer-mark.domain.ts';

/**
 * What is measured. First response: from the first message of a cycle to the answer of a person. Next response: from the
 * oldest message without an answer. Resolution: to the close, without the times in which nothing was owed.
 */
export const metrics = ['first-response', 'next-response', 'resolution'] as const;
export type Metric = (typeof metrics)[number];

export type Priority = 'low' | 'normal' | 'high' | 'urgent';

export interface Target {
  readonly metric: Metric;
  /** Null: every priority that has no target of its own. */
  readonly priority: Priority | null;
  readonly minutes: number;
}

/** Null in a condition: everything fits. */
export interface PolicyContent extends CustomerWish {
  readonly name: string;
  readonly isActive: boolean;
  /** Null: wall clock. */
  readonly calendarId: CalendarId | null;
  /** The share of the time after which it warns. */
  readonly warnPercent: number;
  readonly accountIds: readonly ChannelAccountId[] | null;
  readonly channels: readonly string[] | null;
  readonly priorities: readonly Priority[] | null;
  readonly enquiryTypes: readonly string[] | null;
  readonly targets: readonly Target[];
}

export interface Policy extends PolicyContent {
  readonly tenantId: TenantId;
  readonly id: SlaPolicyId;
  readonly version: number;
  readonly position: number;
  readonly createdAt: Date;
}

/** What a policy asks about a conversation. */
export interface PolicySubject {
  readonly accountId: ChannelAccountId;
  readonly channel: string;
  readonly priority: Priority;
  readonly enquiry: { readonly type: string } | null;
}

/** Whether a policy applies to a conversation. */
export function fits(policy: PolicyContent, subject: PolicySubject, marks: CustomerMarks): boolean {
  const { accountIds, channels, priorities, enquiryTypes } = policy;
  return (
    policy.isActive &&
    (accountIds === null || accountIds.includes(subject.accountId)) &&
    (channels === null || channels.includes(subject.channel)) &&
    (priorities === null || priorities.includes(subject.priority)) &&
    (enquiryTypes === null || (subject.enquiry !== null && enquiryTypes.includes(subject.enquiry.type))) &&
    meetsWish(policy, marks)
  );
}

/** The minutes for a metric: those of the priority, or those for every priority; null if it is not measured. */
export function minutesFor({ targets }: PolicyContent, metric: Metric, priority: Priority): number | null {
  const ofMetric = targets.filter((target) => target.metric === metric);
  const found = ofMetric.find((one) => one.priority === priority) ?? ofMetric.find((one) => one.priority === null);
  return found?.minutes ?? null;
}
