import type { Actor, CaseId } from '@crossdesk/contracts';

/** What may have changed, in the order in which people are shown it. */
export const caseFactNames = [
  'type',
  'title',
  'state',
  'cycle',
  'priority',
  'owner',
  'team',
  'due',
  'conversation',
  'order',
  'watcher',
  'reason',
] as const;
export type CaseFactName = (typeof caseFactNames)[number];
export type CaseFacts = Readonly<Partial<Record<CaseFactName, string | null>>>;

/** A fact with its value before and after. */
export interface ChangedCaseFact {
  readonly field: CaseFactName;
  readonly before: string | null;
  readonly after: string | null;
}

export type CaseEntryKind =
  'opened' | 'assigned' | 'state-changed' | 'changed' | 'linked' | 'unlinked' | 'watcher' | 'note' | 'due';

/** One thing that was done in a case: who did it, and what was different after it. */
export interface CaseEntry {
  readonly id: string;
  readonly caseId: CaseId;
  readonly kind: CaseEntryKind;
  readonly actor: Actor;
  readonly before: CaseFacts;
  readonly after: CaseFacts;
  /** The words of a note; null for all else, empty after an erasure. */
  readonly text: string | null;
  readonly at: Date;
}
