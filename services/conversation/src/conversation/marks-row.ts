import type { MessageId } from '@crossdesk/contracts';
import { type DerivedMark, type Mark, type Marks, type MarkWord, noMarks } from './marks.domain.ts';

interface StoredMark {
  readonly derived: Omit<DerivedMark, 'since'> & { readonly since: string };
  readonly word: (Omit<MarkWord, 'at'> & { readonly at: string }) | null;
}

/** Marks as the row of their conversation has them. */
export interface StoredMarks {
  readonly complaint: StoredMark | null;
  readonly risk: StoredMark | null;
  readonly dealtWith: readonly MessageId[];
}

export function toMarks(stored: StoredMarks | null): Marks {
  if (stored === null) return noMarks;
  return { ...stored, complaint: toMark(stored.complaint), risk: toMark(stored.risk) };
}

function toMark(stored: StoredMark | null): Mark | null {
  if (stored === null) return null;
  const { derived, word } = stored;
  return {
    derived: { ...derived, since: new Date(derived.since) },
    word: word === null ? null : { ...word, at: new Date(word.at) },
  };
}

/** Null for most conversations: they have none. */
export function toStoredMarks(marks: Marks): StoredMarks | null {
  const { complaint, risk, dealtWith } = marks;
  if (complaint === null && risk === null && dealtWith.length === 0) return null;
  return { complaint: toStored(complaint), risk: toStored(risk), dealtWith };
}

function toStored(mark: Mark | null): StoredMark | null {
  if (mark === null) return null;
  const { derived, word } = mark;
  return {
    derived: { ...derived, since: derived.since.toISOString() },
    word: word === null ? null : { ...word, at: word.at.toISOString() },
  };
}
