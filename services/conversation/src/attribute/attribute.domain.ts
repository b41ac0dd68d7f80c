import type { TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse, refuseText } from '@crossdesk/service-kit/decision';

export const attributeTypes = ['text', 'number', 'boolean', 'date', 'choice', 'link'] as const;
export type AttributeType = (typeof attributeTypes)[number];

/** One of the words that a choice may have. It is archived, never removed: conversations may have it. */
export interface AttributeChoice {
  readonly key: string;
  readonly labelZh: string;
  readonly labelEn: string;
  readonly isArchived: boolean;
}

/** A property that a workspace gives to its conversations. */
export interface Attribute {
  readonly tenantId: TenantId;
  /** What the audit chain names. */
  readonly id: string;
  /** Stable: conditions, macros and programs name it. */
  readonly key: string;
  readonly labelZh: string;
  readonly labelEn: string;
  readonly type: AttributeType;
  readonly choices: readonly AttributeChoice[];
  /** Whether conditions of views may ask about it. */
  readonly isFilterable: boolean;
  readonly isArchived: boolean;
  readonly version: number;
}

export type AttributeWish = Pick<
  Attribute,
  'key' | 'labelZh' | 'labelEn' | 'type' | 'choices' | 'isFilterable' | 'isArchived'
> & {
  /** Null for a new one. */
  readonly expectedVersion: number | null;
};

const labelCharactersMax = 60;
const choicesMax = 50;
const attributesMax = 100;
/** Each of them is looked for in an index, and offered in every editor of conditions. */
const filterableMax = 20;
const keyPattern = /^[a-z][a-z0-9_]{0,39}$/;

type Refusal = 'INVALID_INPUT' | 'ALREADY_EXISTS' | 'NOT_FOUND' | 'VERSION_CONFLICT';

export const noAttribute = refuse('NOT_FOUND', 'key', 'There is no attribute with this key: take one from attributes.');

/** The attribute as it is wanted; the same object if that changes nothing. */
export function decideAttribute(
  all: readonly Attribute[],
  { expectedVersion, ...wish }: AttributeWish,
  made: Pick<Attribute, 'tenantId' | 'id'>,
): Decision<Attribute, Refusal> {
  const known = all.find(({ key }) => key === wish.key);
  const refusal =
    refuseIdentity(known, wish, expectedVersion) ??
    refuseText('labelZh', wish.labelZh, labelCharactersMax) ??
    refuseText('labelEn', wish.labelEn, labelCharactersMax) ??
    refuseChoices(known, wish) ??
    refuseCount(all, known, wish);
  if (refusal !== null) return refusal;
  const next: Attribute = { ...made, id: known?.id ?? made.id, ...wish, version: (known?.version ?? 0) + 1 };
  return accept(known !== undefined && isSame(known, next) ? known : next);
}

function refuseIdentity(
  known: Attribute | undefined,
  wish: Omit<AttributeWish, 'expectedVersion'>,
  expectedVersion: number | null,
) {
  if (!keyPattern.test(wish.key))
    return refuse('INVALID_INPUT', 'key', 'Write a key of 1 to 40 characters: a to z, 0 to 9 and _, first a letter.');
  if (known === undefined) return expectedVersion === null ? null : noAttribute;
  if (expectedVersion === null)
    return refuse('ALREADY_EXISTS', 'key', 'There is an attribute with this key: choose another one, or change that.');
  if (known.version !== expectedVersion)
    return refuse('VERSION_CONFLICT', 'expectedVersion', 'The attribute has changed since: look at it again.');
  if (known.type !== wish.type)
    return refuse('INVALID_INPUT', 'type', `It is ${known.type}, and has values: make another attribute.`);
  return null;
}

function refuseChoices(known: Attribute | undefined, { type, choices }: Pick<Attribute, 'type' | 'choices'>) {
  if (type !== 'choice')
    return choices.length === 0 ? null : refuse('INVALID_INPUT', 'choices', 'Only CHOICE has choices.');
  if (choices.length === 0 || choices.length > choicesMax)
    return refuse('INVALID_INPUT', 'choices', `Give 1 to ${choicesMax} choices.`);
  if (choices.some(({ key }) => !keyPattern.test(key)) || new Set(choices.map(({ key }) => key)).size < choices.length)
    return refuse(
      'INVALID_INPUT',
      'choices',
      'Each choice has a key of its own: a to z, 0 to 9 and _, first a letter.',
    );
  const labels = choices.flatMap(({ labelZh, labelEn }) => [labelZh, labelEn]);
  const refusal = labels.map((label) => refuseText('choices', label, labelCharactersMax)).find((one) => one !== null);
  if (refusal) return refusal;
  const removed = known?.choices.find(({ key }) => !choices.some((choice) => choice.key === key));
  if (removed === undefined) return null;
  return refuse(
    'INVALID_INPUT',
    'choices',
    `Conversations may have ${removed.key}: archive it instead of leaving it out.`,
  );
}

function refuseCount(
  all: readonly Attribute[],
  known: Attribute | undefined,
  wish: Omit<AttributeWish, 'expectedVersion'>,
) {
  if (wish.isFilterable && wish.type === 'link')
    return refuse('INVALID_INPUT', 'isFilterable', 'Nobody looks for a whole address: LINK is not filterable.');
  if (known === undefined && all.length >= attributesMax)
    return refuse('INVALID_INPUT', null, `A workspace has at most ${attributesMax} attributes.`);
  const others = all.filter((one) => one !== known && one.isFilterable && !one.isArchived);
  if (!wish.isFilterable || wish.isArchived || others.length < filterableMax) return null;
  const message = `At most ${filterableMax} attributes are filterable: archive one, or make one not filterable.`;
  return refuse('INVALID_INPUT', 'isFilterable', message);
}

function isSame(one: Attribute, other: Attribute): boolean {
  const shown = ({ labelZh, labelEn, choices, isFilterable, isArchived }: Attribute) =>
    JSON.stringify([
      ...[labelZh, labelEn, isFilterable, isArchived],
      ...choices.map((choice) => [choice.key, choice.labelZh, choice.labelEn, choice.isArchived]),
    ]);
  return shown(one) === shown(other);
}

/** A value of a conversation in its usual spelling. */
export interface AttributeValue {
  readonly attribute: Attribute;
  readonly value: string;
}

/** A value that somebody wants a conversation to have; null takes it away. */
export interface WantedValue {
  readonly key: string;
  readonly value: string | null;
}

const textCharactersMax = 500;
const numberMax = 1e15;

/** The value in its usual spelling; `field` is where the caller wrote it. */
export function readAttributeValue(
  attribute: Attribute,
  written: string,
  field: string,
): Decision<string, 'INVALID_INPUT'> {
  const text = written.trim();
  const bad = (message: string) => refuse('INVALID_INPUT', field, `${attribute.key}: ${message}`);
  switch (attribute.type) {
    case 'text':
      return refuseText(field, text, textCharactersMax) ?? accept(text);
    case 'number': {
      const isNumber = /^-?[0-9]{1,16}(?:\.[0-9]{1,6})?$/.test(text) && Math.abs(Number(text)) <= numberMax;
      return isNumber ? accept(String(Number(text))) : bad('write a decimal number, for instance 12.5.');
    }
    case 'boolean':
      return text === 'true' || text === 'false' ? accept(text) : bad('write true or false.');
    case 'date':
      return isDate(text) ? accept(text) : bad('write a date as YYYY-MM-DD, for instance 2026-03-01.');
    case 'choice': {
      const offered = attribute.choices.filter(({ isArchived }) => !isArchived).map(({ key }) => key);
      return offered.includes(text) ? accept(text) : bad(`choose one of ${offered.join(', ')}.`);
    }
    case 'link':
      return isLink(text) ? accept(text) : bad(`write an https address of at most ${textCharactersMax} characters.`);
  }
}

/** A day of the calendar as YYYY-MM-DD, from year 1900 to 2999. */
function isDate(text: string): boolean {
  if (!/^(?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isLink(text: string): boolean {
  return text.length <= textCharactersMax && URL.parse(text)?.protocol === 'https:';
}

/** What a person wrote, which may be about the buyer: it goes when the buyer is erased. */
export function isFreeText(type: AttributeType): boolean {
  return type === 'text' || type === 'link';
}
