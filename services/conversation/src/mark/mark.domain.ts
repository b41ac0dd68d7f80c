import type { EventData, MessageId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import { type Change, type Conversation, next, refuseVersion } from '../conversation/conversation.domain.ts';
import {
  dealtWith,
  type DerivedMark,
  type Mark,
  type MarkKind,
  type Marks,
  type MarkVerdict,
} from '../conversation/marks.domain.ts';

type RiskClass = EventData<'automation.conversation-triaged'>['risks'][number]['class'];

/** From which score on something is marked, and below which it is calm again: between them nothing changes. */
const complaintFrom = 0.6;
const complaintBelow = 0.35;
const riskFrom = 0.6;
const riskBelow = 0.4;
/** So many calm messages in a row end a complaint: one polite word does not. */
const calmMessages = 2;
/** Anger is what the complaint tells; whoever asks for their data threatens nobody. */
const noRisks: ReadonlySet<RiskClass> = new Set(['anger', 'privacy_request']);

export interface SeenComplaint {
  readonly messageId: MessageId;
  /** The probability of a complaint. */
  readonly score: number;
  /** Whether the message was analysed before. */
  readonly isAgain: boolean;
  readonly at: Date;
}

/** Whether the analysis of a message may change the mark: most messages complain of nothing. */
export function mayMarkComplaint(isMarked: boolean, score: number): boolean {
  return isMarked || score >= complaintFrom;
}

/** The conversation after a message of the buyer was analysed; the same object if that tells nothing new. */
export function afterComplaint(conversation: Conversation, seen: SeenComplaint): Conversation {
  if (isOver(conversation)) return conversation;
  const known = conversation.marks.complaint;
  const complaint = complaintAfter(known, seen);
  return complaint === known ? conversation : { ...conversation, marks: { ...conversation.marks, complaint } };
}

function complaintAfter(known: Mark | null, seen: SeenComplaint): Mark | null {
  const { messageId, score, isAgain, at } = seen;
  if (score >= complaintFrom) {
    const found = { score, evidence: [messageId] };
    const fresh: DerivedMark = { ...found, isOn: true, reasons: [], since: at, calm: 0 };
    if (known === null) return { derived: fresh, word: null };
    const { derived } = known;
    const isSurer = !derived.isOn || score >= derived.score;
    const kept: DerivedMark = { ...derived, ...(isSurer ? found : {}), isOn: true, calm: 0 };
    const isNews = !isAgain && derived.evidence[0] !== messageId;
    return { derived: derived.isOn ? kept : fresh, word: wordAfter(known, isNews) };
  }
  if (known === null || !known.derived.isOn) return known;
  const { derived } = known;
  if (isAgain) {
    // The message that showed it is understood in another way now.
    return derived.evidence[0] === messageId && score < complaintBelow ? ended(known) : known;
  }
  if (score >= complaintBelow) return derived.calm === 0 ? known : { ...known, derived: { ...derived, calm: 0 } };
  return derived.calm + 1 >= calmMessages
    ? ended(known)
    : { ...known, derived: { ...derived, calm: derived.calm + 1 } };
}

/** The conversation after automation weighed its risks; the same object if that tells nothing new. */
export function afterRisks(
  conversation: Conversation,
  told: Pick<EventData<'automation.conversation-triaged'>, 'risks'>,
  at: Date,
): Conversation {
  const { marks } = conversation;
  const risks = told.risks
    .filter((risk) => !noRisks.has(risk.class) && !marks.dealtWith.includes(risk.messageId))
    .toSorted((one, other) => other.score - one.score);
  if (isOver(conversation)) {
    if (risks.length === 0) return conversation;
    const evidence = risks.map(({ messageId }) => messageId);
    return { ...conversation, marks: { ...marks, dealtWith: dealtWith(marks, evidence) } };
  }
  const risk = riskAfter(marks.risk, risks, at);
  return isSame(risk, marks.risk) ? conversation : { ...conversation, marks: { ...marks, risk } };
}

function riskAfter(
  known: Mark | null,
  risks: EventData<'automation.conversation-triaged'>['risks'],
  at: Date,
): Mark | null {
  const [strongest] = risks;
  const isOn = strongest !== undefined && strongest.score >= (known?.derived.isOn === true ? riskBelow : riskFrom);
  if (!isOn) return known === null || !known.derived.isOn ? known : ended(known);
  const derived: DerivedMark = {
    ...{ isOn, score: strongest.score, reasons: risks.map((risk) => risk.class), calm: 0 },
    evidence: [...new Set(risks.map(({ messageId }) => messageId))],
    since: known?.derived.isOn === true ? known.derived.since : at,
  };
  if (known === null) return { derived, word: null };
  const isNews = risks.some((risk) => risk.score >= riskFrom && !known.derived.evidence.includes(risk.messageId));
  return { derived, word: wordAfter(known, isNews) };
}

/** Who dismissed a mark spoke of the messages until then: what a later one shows is another matter. */
function wordAfter({ word }: Mark, isNews: boolean): Mark['word'] {
  return word?.verdict === 'dismissed' && isNews ? null : word;
}

/** No longer derived: only a person who confirmed it keeps it. */
function ended({ derived, word }: Mark): Mark | null {
  return word?.verdict === 'confirmed' ? { derived: { ...derived, isOn: false, calm: 0 }, word } : null;
}

function isOver({ phase }: Conversation): boolean {
  return phase === 'closed' || phase === 'merged';
}

function isSame(one: Mark | null, other: Mark | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const notFound: Readonly<Record<MarkKind, string>> = {
  complaint: 'Automation finds no complaint in this conversation, so there is nothing to judge: set a tag instead.',
  risk: 'Automation finds no risk in this conversation, so there is nothing to judge: set a tag instead.',
};

/** A person confirms or dismisses what was derived, or takes back their word (null). */
export function judgeMark(
  conversation: Conversation,
  { kind, verdict }: { readonly kind: MarkKind; readonly verdict: MarkVerdict | null },
  change: Change,
): Decision<Conversation, 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION' | 'FORBIDDEN'> {
  const known = conversation.marks[kind];
  if (known === null)
    return verdict === null ? accept(conversation) : refuse('ILLEGAL_TRANSITION', 'mark', notFound[kind]);
  if ((known.word?.verdict ?? null) === verdict) return accept(conversation);
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  if (change.by === null) return refuse('FORBIDDEN', null, 'Only people judge marks.');
  const word = verdict === null ? null : { verdict, by: change.by, at: change.now };
  return accept(next(conversation, { marks: withMark(conversation.marks, kind, { ...known, word }) }));
}

/** Without a word, what is not derived any more is gone. */
function withMark(marks: Marks, kind: MarkKind, mark: Mark): Marks {
  return { ...marks, [kind]: mark.word === null && !mark.derived.isOn ? null : mark };
}
