import type { FoundIntent, Understanding } from '../analysis/understanding.domain.ts';
import type { RiskClass } from '../analysis/labels.domain.ts';
import type { MoodLabel } from '../analysis/mood.domain.ts';
import type { PolicyContent } from '../policy/policy.domain.ts';

/** Who answers the buyer: the bot, nobody until a person comes, or a person. */
export const holders = ['bot', 'waiting', 'human'] as const;
export type Holder = (typeof holders)[number];

/** What became of a turn: the first check that failed, or ANSWERED. */
export const turnCodes = [
  'ANSWERED',
  'ASKED_FOR_ORDER',
  'WOULD_ANSWER',
  'NO_ANSWER_NEEDED',
  'NO_ANSWER',
  'HELD_BY_PERSON',
  'WAITS_FOR_PERSON',
  'WANTS_PERSON',
  'RISK',
  'ANGRY',
  'DAILY_LIMIT',
  'INTENT_UNCERTAIN',
  'INTENT_NOT_ALLOWED',
  'SEVERAL_QUESTIONS',
  'ORDER_UNKNOWN',
  'TEMPLATE_NOT_RENDERED',
  'NOT_SENDABLE',
  'SAME_ANSWER',
  'REFUSED',
] as const;
export type TurnCode = (typeof turnCodes)[number];

/** Versions of the conversation: when the bot called a person, and when one gave it back. */
interface Turn {
  readonly handed_over_version: number | null;
  readonly returned_version: number | null;
}

/** Versions of the conversation: the last word of a person, and the beginning of the exchange. */
interface Versions {
  readonly person_version: number;
  readonly cycle_version: number;
}

/**
 * Who answers. A person who spoke, or to whom the conversation was assigned, keeps it until they give it back or the buyer
 * begins a new exchange.
 */
export function holderOf({ person_version: person, cycle_version: cycle }: Versions, turn: Turn | null): Holder {
  if (person > Math.max(cycle, turn?.returned_version ?? 0)) return 'human';
  const handedOver = turn?.handed_over_version ?? null;
  return handedOver !== null && handedOver >= cycle ? 'waiting' : 'bot';
}

/** What all messages of a turn say together. */
export interface Said {
  readonly text: string;
  readonly intents: readonly FoundIntent[];
  readonly risks: readonly RiskClass[];
  /** The last message decides. */
  readonly sentiment: Understanding['sentiment'] | null;
}

export function saidIn(texts: readonly string[], understood: readonly Understanding[]): Said {
  const best = new Map<string, FoundIntent>();
  for (const found of understood.flatMap(({ intents }) => intents)) {
    const other = best.get(found.intent);
    if (other === undefined || isBetter(found, other)) best.set(found.intent, found);
  }
  return {
    text: texts.join('\n'),
    intents: [...best.values()].toSorted((a, b) => (isBetter(a, b) ? -1 : 1)),
    risks: [...new Set(understood.flatMap(({ risks }) => risks.map((risk) => risk.class)))],
    sentiment: understood.at(-1)?.sentiment ?? null,
  };
}

function isBetter(one: FoundIntent, other: FoundIntent): boolean {
  return one.isCertain === other.isCertain ? one.score > other.score : one.isCertain;
}

export interface Standing {
  readonly holder: Holder;
  readonly said: Said;
  readonly wantsPerson: boolean;
  readonly mood: MoodLabel;
  /** What a machine has answered in this conversation within 24 hours. */
  readonly answers: readonly string[];
}

/** Why a machine must not answer, whatever it would say; null if it may. */
export function refuseAnswering(
  { holder, said, wantsPerson, mood, answers }: Standing,
  { humanRisks, answersPerDayMax }: Pick<PolicyContent, 'humanRisks' | 'answersPerDayMax'>,
): TurnCode | null {
  if (holder === 'human') return 'HELD_BY_PERSON';
  if (holder === 'waiting') return 'WAITS_FOR_PERSON';
  if (wantsPerson) return 'WANTS_PERSON';
  if (said.risks.some((risk) => humanRisks.includes(risk))) return 'RISK';
  if (mood === 'angry') return 'ANGRY';
  return answers.length >= answersPerDayMax ? 'DAILY_LIMIT' : null;
}

/** For these a person is called at once: with a higher priority and the reason. */
const pressing: readonly TurnCode[] = ['WANTS_PERSON', 'RISK', 'ANGRY', 'SAME_ANSWER'];
/** Nobody has to do anything, or somebody does it already. */
const settled: readonly TurnCode[] = [
  'ANSWERED',
  'ASKED_FOR_ORDER',
  'WOULD_ANSWER',
  'NO_ANSWER_NEEDED',
  'HELD_BY_PERSON',
  'WAITS_FOR_PERSON',
];

export function needsPerson(code: TurnCode): boolean {
  return !settled.includes(code);
}

export function isPressing(code: TurnCode): boolean {
  return pressing.includes(code);
}

/** What colleagues read in the note. */
export const reasons: Readonly<Record<TurnCode, string>> = {
  ANSWERED: 'The question was answered.',
  ASKED_FOR_ORDER: 'The buyer was asked for their order.',
  WOULD_ANSWER: 'The question would be answered: the policy only records it.',
  NO_ANSWER_NEEDED: 'The message needs no answer.',
  NO_ANSWER: 'No rule replied, and automatic answers are off.',
  HELD_BY_PERSON: 'A person has the conversation.',
  WAITS_FOR_PERSON: 'A person was called already.',
  WANTS_PERSON: 'The buyer asks for a person.',
  RISK: 'The message has a risk that is for people.',
  ANGRY: 'The buyer is angry.',
  DAILY_LIMIT: 'A machine has answered as often in 24 hours as it may.',
  INTENT_UNCERTAIN: 'It is not certain what the buyer wants.',
  INTENT_NOT_ALLOWED: 'The policy leaves this question to people.',
  SEVERAL_QUESTIONS: 'The buyer asks several things that need different answers.',
  ORDER_UNKNOWN: 'It is not sure which order the buyer means.',
  TEMPLATE_NOT_RENDERED: 'The template has no text for this buyer, or a value is missing.',
  NOT_SENDABLE: 'The channel would not take the answer now.',
  SAME_ANSWER: 'The same answer was given within 24 hours and did not help.',
  REFUSED: 'The conversation service refused the answer.',
};

/** A turn that lacked these is looked at again when the order is found. */
export const lackingOrder: readonly TurnCode[] = ['ORDER_UNKNOWN', 'NO_ANSWER', 'TEMPLATE_NOT_RENDERED'];

/** Why the bot left a conversation to people. */
export interface ShownHandOver {
  readonly reason: TurnCode;
  readonly at: Date;
  readonly promisedBy: Date | null;
}
