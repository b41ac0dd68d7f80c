import type { AgentId, MessageId } from '@crossdesk/contracts';

/** What automation marks conversations with, besides what is owed and overdue. */
export const markKinds = ['complaint', 'risk'] as const;
export type MarkKind = (typeof markKinds)[number];

export const markVerdicts = ['confirmed', 'dismissed'] as const;
export type MarkVerdict = (typeof markVerdicts)[number];

/** What automation found out. */
export interface DerivedMark {
  readonly isOn: boolean;
  /** 0 to 1, of the message that shows it most clearly. */
  readonly score: number;
  /** Classes of risks, the surest first; empty for complaints. */
  readonly reasons: readonly string[];
  /** The messages that show it, the surest first. */
  readonly evidence: readonly MessageId[];
  readonly since: Date;
  /** Calm messages in a row since the last one that showed it. */
  readonly calm: number;
}

/** What a person says about it. */
export interface MarkWord {
  readonly verdict: MarkVerdict;
  readonly by: AgentId;
  readonly at: Date;
}

/** There is none without something derived: a person agrees or disagrees, and marks nothing alone. */
export interface Mark {
  readonly derived: DerivedMark;
  readonly word: MarkWord | null;
}

export interface Marks {
  readonly complaint: Mark | null;
  readonly risk: Mark | null;
  /** Messages whose risks were dealt with when the conversation was closed: they mark no later cycle. */
  readonly dealtWith: readonly MessageId[];
}

export const noMarks: Marks = { complaint: null, risk: null, dealtWith: [] };

interface Marked {
  readonly state: 'unread' | 'pending' | 'handled' | 'transferred';
  readonly marks: Marks;
}

/**
 * Whether the mark stands: the word of a person decides, else automation. An answered complaint does not stand, unless
 * a person confirmed it; the risk of an answered conversation does.
 */
export function isMarked({ state, marks }: Marked, kind: MarkKind): boolean {
  const mark = marks[kind];
  if (mark === null) return false;
  if (mark.word !== null) return mark.word.verdict === 'confirmed';
  return mark.derived.isOn && (kind === 'risk' || state !== 'handled');
}

/** The marks that stand. */
export function standingMarks(marked: Marked): MarkKind[] {
  return markKinds.filter((kind) => isMarked(marked, kind));
}

/** Whether other marks stand than before, or people judge them in another way. */
export function areMarksNews(before: Marked, after: Marked): boolean {
  if (before.marks === after.marks && before.state === after.state) return false;
  return markKinds.some(
    (kind) =>
      isMarked(before, kind) !== isMarked(after, kind) ||
      before.marks[kind]?.word?.verdict !== after.marks[kind]?.word?.verdict,
  );
}

/**
 * The buyer writes again after an answer: the new message tells whether they still complain. What was found out about it
 * already stays.
 */
export function marksAfterAnswer(marks: Marks, messageId: MessageId): Marks {
  const { complaint } = marks;
  if (complaint === null || complaint.word?.verdict === 'confirmed') return marks;
  if (complaint.derived.evidence.includes(messageId)) return marks;
  return { ...marks, complaint: null };
}

const dealtWithMax = 50;

/** The work is done: the next cycle begins without marks. */
export function marksAfterClose(marks: Marks): Marks {
  return { ...noMarks, dealtWith: dealtWith(marks, marks.risk?.derived.evidence ?? []) };
}

/** The messages whose risks are dealt with, the latest last. */
export function dealtWith(marks: Marks, also: readonly MessageId[]): readonly MessageId[] {
  return [...new Set([...marks.dealtWith, ...also])].slice(-dealtWithMax);
}

/** Two conversations became one: it has what either had, and of both the one with the word of a person. */
export function joinedMarks(from: Marks, into: Marks): Marks {
  const one = (kind: MarkKind) => [into[kind], from[kind]].find((mark) => mark?.word) ?? into[kind] ?? from[kind];
  return { complaint: one('complaint'), risk: one('risk'), dealtWith: dealtWith(into, from.dealtWith) };
}
