import { parseChannel } from '@crossdesk/channels';
import type { Condition, Facts, FieldSpec, Registry } from '@crossdesk/condition';
import { type AgentId, parseId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import {
  type Conversation,
  conversationPhases,
  conversationPriorities,
  conversationStates,
  enquiryTypes,
} from '../conversation/conversation.domain.ts';
import { markKinds, standingMarks } from '../conversation/marks.domain.ts';
import { type CustomerMarks, tierName } from '../customer-mark/customer-mark.domain.ts';
import type { Attribute, AttributeValue } from '../attribute/attribute.domain.ts';

const minutes = { type: 'number', range: [0, 100_000_000] } as const;

/** What conditions of views ask about. A field without a value is unknown, as NULL is in SQL. */
export const viewFields = {
  'conversation.state': { type: 'word', values: conversationStates },
  'conversation.phase': { type: 'word', values: conversationPhases },
  'conversation.priority': { type: 'word', values: conversationPriorities },
  'conversation.assignee': { type: 'word' },
  'conversation.isAssigned': { type: 'flag' },
  'conversation.team': { type: 'word' },
  'conversation.members': { type: 'set' },
  'conversation.account': { type: 'word' },
  'conversation.channel': { type: 'word' },
  'conversation.customer': { type: 'word' },
  'conversation.tags': { type: 'set' },
  'conversation.enquiry': { type: 'word', values: enquiryTypes },
  'conversation.language': { type: 'word' },
  'conversation.marks': { type: 'set', values: ['awaiting-reply', 'overdue', ...markKinds] },
  'conversation.isUnread': { type: 'flag' },
  'conversation.waitingMinutes': minutes,
  'conversation.idleMinutes': minutes,
  'conversation.ageMinutes': minutes,
  'customer.tags': { type: 'set' },
  'customer.tier': { type: 'word' },
} as const satisfies Record<string, FieldSpec>;
type BuiltInField = keyof typeof viewFields;
/** An attribute of the workspace, by its key. */
type AttributeField = `attribute.${string}`;
export type ViewField = BuiltInField | AttributeField;
export type ViewCondition = Condition<ViewField>;
export type ViewFacts = Facts<ViewField>;

/** Whoever looks at the view. */
const me = 'me';

const attributePrefix = 'attribute.';

/** The key of the attribute that a field is about; null for a field of every conversation. */
export function attributeKeyOf(field: ViewField): string | null {
  return field.startsWith(attributePrefix) ? field.slice(attributePrefix.length) : null;
}

/** The fields that views of a workspace may ask about, with its filterable attributes. */
export function viewRegistryOf(attributes: readonly Attribute[]): Registry<ViewField> {
  const own = attributes
    .filter(({ isFilterable, isArchived }) => isFilterable && !isArchived)
    .map((attribute): [AttributeField, FieldSpec] => [`attribute.${attribute.key}`, specOf(attribute)]);
  const fields: Record<ViewField, FieldSpec> = { ...viewFields, ...Object.fromEntries(own) };
  return {
    ...{ fields, depthMax: 3, leavesMax: 20, readOpen },
    exampleOf: (field) => examples[field] ?? exampleOf(field),
  };
}

function specOf({ type, choices }: Attribute): FieldSpec {
  switch (type) {
    case 'number':
    case 'date':
      return { type };
    case 'boolean':
      return { type: 'flag' };
    case 'choice':
      return { type: 'word', values: choices.map(({ key }) => key) };
    case 'text':
    case 'link':
      return { type: 'word' };
  }
}

function exampleOf(field: ViewField): string {
  return attributeKeyOf(field) === null ? 'Write an id, as the API returned it.' : 'Write the whole text.';
}

function readOpen(field: ViewField, text: string): string | null {
  switch (field) {
    case 'conversation.assignee':
    case 'conversation.members':
      return text.toLowerCase() === me ? me : parseId(text);
    case 'conversation.channel':
      return parseChannel(text.toLowerCase().replaceAll('_', '-'));
    case 'customer.tier':
      return tierName(text);
    case 'conversation.tags':
    case 'customer.tags':
      return foldedName(text) === '' ? null : foldedName(text);
    case 'conversation.language':
      return /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(text) ? text : null;
    default:
      if (attributeKeyOf(field) !== null) return text === '' ? null : text;
      return parseId(text);
  }
}

const examples: Readonly<Partial<Record<ViewField, string>>> = {
  'conversation.assignee': 'Write the id of an agent, or me.',
  'conversation.members': 'Write the id of an agent, or me.',
  'conversation.channel': 'This version has no such channel: write one as the API names it, for instance SHOPEE.',
  'conversation.tags': 'Write the name of a tag.',
  'customer.tags': 'Write the name of a tag of customers.',
  'customer.tier': 'Write the name of a tier, for instance HIGH_VALUE.',
  'conversation.language': 'This is no language: write BCP 47, for instance pt.',
};

/** The condition for one person: `me` is their id. */
export function asSeenBy(condition: ViewCondition, agentId: AgentId): ViewCondition {
  switch (condition.kind) {
    case 'leaf': {
      const isAboutPeople = condition.field === 'conversation.assignee' || condition.field === 'conversation.members';
      if (!isAboutPeople) return condition;
      return { ...condition, values: condition.values.map((value) => (value === me ? agentId : value)) };
    }
    case 'not':
      return { kind: 'not', of: asSeenBy(condition.of, agentId) };
    default:
      return { kind: condition.kind, of: condition.of.map((part) => asSeenBy(part, agentId)) };
  }
}

export interface AboutConversation {
  readonly conversation: Conversation;
  readonly tags: readonly string[];
  readonly memberIds: readonly string[];
  readonly customerId: string | null;
  readonly customerMarks: CustomerMarks;
  readonly attributes: readonly AttributeValue[];
}

export function factsOf(
  { conversation, tags, memberIds, customerId, customerMarks, attributes }: AboutConversation,
  now: Date,
): ViewFacts {
  const since = (at: Date) => (now.getTime() - at.getTime()) / 60_000;
  const { assigneeId, teamId, enquiry, language, waitingSince } = conversation;
  return {
    'conversation.state': conversation.state,
    'conversation.phase': conversation.phase,
    'conversation.priority': conversation.priority,
    'conversation.isAssigned': assigneeId !== null,
    'conversation.members': memberIds,
    'conversation.account': conversation.accountId,
    'conversation.channel': conversation.channel,
    'conversation.tags': tags.map(foldedName),
    'conversation.isUnread': conversation.unreadCount > 0,
    'conversation.marks': [
      ...(conversation.waitingSince === null ? [] : ['awaiting-reply']),
      ...(conversation.overdueSince === null ? [] : ['overdue']),
      ...standingMarks(conversation),
    ],
    'conversation.idleMinutes': since(conversation.lastMessageAt),
    'conversation.ageMinutes': since(conversation.createdAt),
    'customer.tags': customerMarks.tags.map(({ tag }) => tag),
    ...Object.fromEntries(
      attributes.map(({ attribute: { key, type }, value }) => [
        `attribute.${key}`,
        type === 'number' ? Number(value) : value,
      ]),
    ),
    ...(assigneeId === null ? {} : { 'conversation.assignee': assigneeId }),
    ...(teamId === null ? {} : { 'conversation.team': teamId }),
    ...(customerId === null ? {} : { 'conversation.customer': customerId }),
    ...(customerMarks.tier === null ? {} : { 'customer.tier': customerMarks.tier }),
    ...(enquiry === null ? {} : { 'conversation.enquiry': enquiry.type }),
    ...(language === null ? {} : { 'conversation.language': language }),
    ...(waitingSince === null ? {} : { 'conversation.waitingMinutes': since(waitingSince) }),
  };
}
